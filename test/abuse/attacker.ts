import { constants, setPriority } from 'node:os';

import { ATTACKS } from './attacks.js';

/** Task of an attacking process. */
export interface Orders {
  readonly attack: string;
  readonly url: string;
  /** Tokens of each caller. */
  readonly callers: readonly (readonly [string, ...string[]])[];
  readonly milliseconds: number;
}

// The honest caller shares this core. It must wait for the server, not for the attacker.
setPriority(constants.priority.PRIORITY_LOW);

process.once('message', ({ attack, url, callers, milliseconds }: Orders) => {
  const signal = AbortSignal.timeout(milliseconds);
  const found = ATTACKS[attack];
  if (!found) throw new Error(`There is no attack "${attack}".`);
  void Promise.all(
    callers.map(([token, ...others]) => found.run({ url, token, others, callers: callers.length, signal })),
  ).then(() => process.exit(0));
});
