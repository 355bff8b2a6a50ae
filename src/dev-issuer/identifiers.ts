import { randomInt } from 'node:crypto';

/** Identifier in Scalekit's format: a prefix for the type and 18 digits. */
export type Identifier<Prefix extends string> = `${Prefix}_${string}`;

/** Creates a random identifier, for example `tkn_481516234210815162`. */
export function newIdentifier<Prefix extends string>(prefix: Prefix): Identifier<Prefix> {
  return `${prefix}_${nineDigits()}${nineDigits()}`;
}

function nineDigits(): string {
  return String(randomInt(100_000_000, 1_000_000_000));
}
