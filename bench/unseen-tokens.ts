import type { ReadyCase } from './line-up.js';
import type { Exchange } from './exchange.js';
import type { Issuer } from './issuer.js';
import { alike, flood } from './load/flood.js';
import type { Options } from './options.js';
import { median } from './statistics.js';

const TOKENS_PER_CONNECTION = 150;

/**
 * Measures the additional CPU time of a call whose token is not cached, so that the server verifies its signature.
 *
 * @returns median of the rounds in microseconds
 */
export async function costOfUnseenTokens(
  entry: ReadyCase,
  issuer: Issuer,
  options: Options,
): Promise<number> {
  const more: number[] = [];
  // The first round warms up the verification.
  for (let round = 0; round <= options.rounds; round++) {
    const remembered = await cpuPerRequest(entry, alike(entry.exchange, options.connections));
    const unseen = await Promise.all(
      Array.from({ length: options.connections }, () => withUnseenTokens(entry.exchange, issuer)),
    );
    const cost = (await cpuPerRequest(entry, unseen)) - remembered;
    if (round > 0) more.push(cost);
  }
  return median(more);
}

async function withUnseenTokens(exchange: Exchange, issuer: Issuer): Promise<[Exchange, ...Exchange[]]> {
  const one = async (): Promise<Exchange> => ({
    ...exchange,
    headers: { ...exchange.headers, authorization: `Bearer ${await issuer.sign()}` },
  });
  return [await one(), ...(await Promise.all(Array.from({ length: TOKENS_PER_CONNECTION - 1 }, one)))];
}

async function cpuPerRequest(
  { running }: ReadyCase,
  connections: readonly (readonly [Exchange, ...Exchange[]])[],
): Promise<number> {
  const before = await running.ask('usage');
  const { requests } = await flood(running.url, connections, { each: TOKENS_PER_CONNECTION });
  const after = await running.ask('usage');
  running.emptyLog();
  return (after.cpu - before.cpu) / requests;
}
