import { hash } from 'node:crypto';

import { z } from 'zod';
import type { Redis } from '../redis/redis.js';

/** Share of a limit that all instances together may hold as unspent leases. */
export const LEASED_SHARE = 0.01;

/** Charge of one budget in Redis, and the change of this instance's lease. */
export interface BudgetRequest {
  /** Key in Redis. All keys of one call need the same hash tag. */
  readonly key: string;
  /** Points of a window. */
  readonly limit: number;
  /** Length of a window, seconds. */
  readonly seconds: number;
  /** Points to charge. */
  readonly need: number;
  /** Unspent points of the lease that are handed back, or used for the charge. */
  readonly use: number;
  /** Points of the lease that were spent or handed back since the latest request. */
  readonly gone: number;
  /** Points to lease in addition, if they are free. */
  readonly want: number;
  /** Window of the lease; empty without a lease. */
  readonly window: string;
}

/** State of a budget after a request. */
export interface BudgetState {
  /** Points that all instances have spent or leased in this window. */
  readonly granted: number;
  /** Time until the window ends, milliseconds. */
  readonly untilReset: number;
  /** Id of the window. */
  readonly window: string;
  /** Points leased in addition. */
  readonly leased: number;
}

/** States of all budgets after the charge, or the budget that has too few points, in which case nothing has changed. */
export type BudgetAnswer =
  | { readonly isRefused: false; readonly states: readonly BudgetState[] }
  | { readonly isRefused: true; readonly refusedAt: number; readonly untilReset: number };

/** Members of a request, in the order in which the script gets them. */
const MEMBERS = [
  'limit',
  'seconds',
  'need',
  'use',
  'gone',
  'want',
  'window',
] as const satisfies readonly (keyof BudgetRequest)[];

/**
 * Charges all budgets, or none. A lease takes at most half of the points that may still be leased, so that instances
 * converge to equal leases, and at most half of what remains, so that leases shrink before the limit. Only a charge
 * begins a window.
 */
const SCRIPT = `
local fresh = ARGV[1]
local budgets = {}
for i, key in ipairs(KEYS) do
  local b = {}
  for m, member in ipairs({${MEMBERS.map((member) => `'${member}'`).join(', ')}}) do
    local text = ARGV[1 + (i - 1) * ${MEMBERS.length} + m]
    b[member] = member == 'window' and text or tonumber(text)
  end
  local held = b.window
  local stored = redis.call('HMGET', key, 'granted', 'leased', 'window')
  b.ttl = redis.call('PTTL', key)
  b.new = b.ttl <= 0 or not stored[3]
  if b.new then
    b.ttl = b.seconds * 1000
    b.granted, b.leased, b.window = 0, 0, fresh
  else
    b.granted, b.leased, b.window = tonumber(stored[1]), tonumber(stored[2]), stored[3]
  end
  if b.window ~= held then b.use, b.gone = 0, 0 end
  b.granted = b.granted - b.use + b.need
  if b.need > 0 and b.granted > b.limit then return {i, {b.granted, b.ttl, b.window, 0}} end
  b.leased = math.max(0, b.leased - b.gone)
  budgets[i] = b
end
local answer = {0}
for i, key in ipairs(KEYS) do
  local b = budgets[i]
  local free = math.min(math.floor(b.limit * ${LEASED_SHARE}) - b.leased, b.limit - b.granted)
  local extra = math.max(0, math.min(b.want, math.floor(free / 2)))
  if b.new and b.need == 0 then extra, b.window = 0, '' end
  b.granted = b.granted + extra
  if b.need > 0 or not b.new then
    redis.call('HSET', key, 'granted', b.granted, 'leased', b.leased + extra, 'window', b.window)
    if b.new then redis.call('PEXPIRE', key, b.ttl) end
  end
  answer[#answer + 1] = {b.granted, b.ttl, b.window, extra}
end
return answer`;
const SHA1 = hash('sha1', SCRIPT, 'hex');

const answer = z.tuple([z.int()]).rest(z.tuple([z.int(), z.int(), z.string(), z.int()]));

/**
 * Charges budgets in one round trip, all or nothing.
 *
 * @param fresh id of the windows that begin with this request, unique among all instances
 */
export async function chargeBudgets(
  redis: Redis,
  requests: readonly BudgetRequest[],
  fresh: string,
): Promise<BudgetAnswer> {
  const parameters: (string | number)[] = requests.map(({ key }) => key);
  parameters.push(fresh);
  for (const request of requests) parameters.push(...MEMBERS.map((member) => request[member]));
  return answerOf(await run(redis, requests.length, parameters));
}

/** Sends only the digest of the script, and the script itself to a Redis that does not know it. */
async function run(redis: Redis, keys: number, parameters: (string | number)[]): Promise<unknown> {
  try {
    return await redis.evalsha(SHA1, keys, ...parameters);
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
    return redis.eval(SCRIPT, keys, ...parameters);
  }
}

function answerOf(reply: unknown): BudgetAnswer {
  const [refused, ...budgets] = answer.parse(reply);
  const states = budgets.map(([granted, untilReset, window, leased]) => ({
    granted,
    untilReset,
    window,
    leased,
  }));
  return refused === 0
    ? { isRefused: false, states }
    : { isRefused: true, refusedAt: refused - 1, untilReset: states[0]?.untilReset ?? 0 };
}
