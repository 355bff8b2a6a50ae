import { randomUUID } from 'node:crypto';

import { isRecord } from '../values/is-record.js';
import { RefusedError } from './refused-error.js';
import type { TestClient } from './test-client.js';

/**
 * Call of one organization.
 *
 * @param marker text of the organization, for the arguments of calls that store or return data
 */
export type TenantCall = (client: TestClient, marker: string) => Promise<unknown>;

/** Organization whose calls run, with what they have shown so far. */
interface Tenant {
  readonly name: string;
  readonly client: TestClient;
  readonly own: string;
  readonly foreign: string;
  /** Whether a successful call has returned the marker of the organization. */
  hasSeenOwn: boolean;
  /** Answer of its first call that failed. */
  failure?: string;
}

/**
 * Runs the calls of two organizations interleaved, in changing order, and then once in their own order. Fails if anything
 * of one organization reaches the other: in a result, an error, progress or a log message. Give each call its marker
 * wherever data goes in, and let at least one call return it.
 *
 * @param rounds how often each call runs interleaved for each organization
 * @throws {Error} naming the call whose answer contains the marker of the other organization, or when no successful call
 *   returns the organization's own marker, because the calls then prove nothing
 * @throws {RefusedError} when a call is refused, such as for missing scopes, because it then proves nothing
 */
export async function expectTenantIsolation(
  one: TestClient,
  other: TestClient,
  calls: readonly TenantCall[],
  rounds = 10,
): Promise<void> {
  const markers = [`one-${randomUUID()}`, `other-${randomUUID()}`] as const;
  const tenants: readonly Tenant[] = [
    { name: 'first', client: one, own: markers[0], foreign: markers[1], hasSeenOwn: false },
    { name: 'second', client: other, own: markers[1], foreign: markers[0], hasSeenOwn: false },
  ];
  const round = calls.flatMap((call, index) => tenants.map((tenant) => ({ tenant, call, index })));
  const run = async ({ tenant, call, index }: (typeof round)[number]): Promise<void> => {
    const text = await answerTo(call, tenant);
    if (!text.includes(tenant.foreign)) return;
    throw new Error(`Call ${index + 1} of one organization returns data of another.`);
  };
  await Promise.all(Array.from({ length: rounds }, () => shuffled(round)).flatMap((work) => work.map(run)));
  for (const work of round) await run(work); // data that an earlier call stored is complete now
  for (const { name, hasSeenOwn, failure } of tenants) {
    if (hasSeenOwn) continue;
    throw new Error(
      `No successful call of the ${name} organization returns its marker, so the calls prove nothing. Store the marker ` +
        `in one call and return it in the same or another.${failure === undefined ? '' : ` The first failure: ${failure}`}`,
    );
  }
}

/** Returns everything that a call shows its organization. A failure may be right for data of the other organization. */
async function answerTo(call: TenantCall, tenant: Tenant): Promise<string> {
  const { client, own } = tenant;
  try {
    const answer = await call(client, own);
    const text = JSON.stringify([answer]);
    if (isRecord(answer) && answer['isError'] === true) tenant.failure ??= text;
    else tenant.hasSeenOwn ||= text.includes(own);
    return JSON.stringify([text, client.logs]);
  } catch (error) {
    if (error instanceof RefusedError) throw error;
    tenant.failure ??= String(error);
    return JSON.stringify([String(error), client.logs]);
  }
}

function shuffled<Item>(items: readonly Item[]): Item[] {
  return items
    .map((item) => ({ item, order: Math.random() }))
    .toSorted((one, other) => one.order - other.order)
    .map(({ item }) => item);
}
