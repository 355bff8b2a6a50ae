import { randomInt } from 'node:crypto';

/** An identifier in Scalekit's form: a prefix that says what it names, and eighteen digits. */
export type Identifier<Prefix extends string> = `${Prefix}_${string}`;

/** A fresh random identifier, for example `tkn_481516234210815162`. */
export function newIdentifier<Prefix extends string>(prefix: Prefix): Identifier<Prefix> {
  return `${prefix}_${nineDigits()}${nineDigits()}`;
}

function nineDigits(): string {
  return String(randomInt(100_000_000, 1_000_000_000));
}
