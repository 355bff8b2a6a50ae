import { ATTACKS } from './attacks.js';

/** What an attacking process is told. */
export interface Orders {
  readonly attack: string;
  readonly url: string;
  readonly callers: readonly (readonly string[])[];
  readonly milliseconds: number;
}

// A process of its own, so that the honest caller measures the server and not the attackers.
process.once('message', ({ attack, url, callers, milliseconds }: Orders) => {
  const signal = AbortSignal.timeout(milliseconds);
  const run = ATTACKS[attack];
  if (!run) throw new Error(`There is no attack "${attack}".`);
  void Promise.all(
    callers.map(([token, ...others]) => run({ url, token, others, callers: callers.length, signal })),
  ).then(() => process.exit(0));
});
