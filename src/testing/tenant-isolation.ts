import { randomUUID } from 'node:crypto';

import { RefusedError } from './refused-error.js';
import type { TestClient } from './test-client.js';

/**
 * Call of one organization.
 *
 * @param marker text of the organization, for the arguments of calls that store or return data
 */
export type TenantCall = (client: TestClient, marker: string) => Promise<unknown>;

/**
 * Runs the calls of two organizations interleaved, in changing order, and fails if anything of one reaches the other:
 * in a result, an error, progress or a log message. Give each call its marker wherever data goes in.
 *
 * @param rounds how often each call runs for each organization
 * @throws {Error} naming the call whose answer contains the marker of the other organization
 * @throws {RefusedError} when a call is refused, such as for missing scopes, because it then proves nothing
 */
export async function expectTenantIsolation(
  one: TestClient,
  other: TestClient,
  calls: readonly TenantCall[],
  rounds = 10,
): Promise<void> {
  const tenants = [
    { client: one, own: `one-${randomUUID()}` },
    { client: other, own: `other-${randomUUID()}` },
  ];
  const work = Array.from({ length: rounds }, () =>
    calls.flatMap((call, index) => tenants.map((tenant) => ({ ...tenant, call, index }))),
  ).flatMap((round) => shuffled(round));
  await Promise.all(
    work.map(async ({ client, own, call, index }) => {
      const answer = await call(client, own).catch(answerOf);
      for (const { own: foreign } of tenants) {
        if (foreign === own || !JSON.stringify([answer, client.logs])?.includes(foreign)) continue;
        throw new Error(`Call ${index + 1} of one organization returns data of another.`);
      }
    }),
  );
}

/** Returns the answer of a failed call, which may be what the test expects of calls for data of the other. */
function answerOf(error: unknown): string {
  if (error instanceof RefusedError) throw error;
  return String(error);
}

function shuffled<Item>(items: readonly Item[]): Item[] {
  return items
    .map((item) => ({ item, order: Math.random() }))
    .toSorted((one, other) => one.order - other.order)
    .map(({ item }) => item);
}
