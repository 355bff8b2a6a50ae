import { UsageError } from '../terminal/usage-error.js';

/** Kind of key pair. */
export type KeyKind =
  | { readonly type: 'rsa'; readonly bits: number }
  | { readonly type: 'ec'; readonly curve: string }
  | { readonly type: 'ed25519' };

/** Options of the command line. */
export interface KeygenOptions {
  readonly type: KeyKind['type'];
  readonly bits?: string;
  readonly out: string;
}

const RSA_BITS = new Set(['2048', '3072', '4096']);
const CURVES = new Map([
  ['256', 'P-256'],
  ['384', 'P-384'],
  ['521', 'P-521'],
]);

/** @throws {UsageError} when the size does not fit the type */
export function keyKind({ type, bits }: Pick<KeygenOptions, 'type' | 'bits'>): KeyKind {
  if (type === 'rsa' && RSA_BITS.has(bits ?? '2048')) return { type, bits: Number(bits ?? '2048') };
  const curve = CURVES.get(bits ?? '256');
  if (type === 'ec' && curve !== undefined) return { type, curve };
  if (type === 'ed25519' && bits === undefined) return { type };
  throw new UsageError(`--bits "${bits}" is not a valid size for a key of type ${type}.`);
}
