import { parseArgs } from 'node:util';

import { understood, UsageError } from '../terminal/usage-error.js';

export const USAGE = `npm run keygen -- [--type rsa|ec|ed25519] [--bits 2048] [--out folder]

Writes private.pem, which signs tokens, and public.pem, which verifies them. Never overwrites a file.
--bits: RSA keys 2048 (default), 3072 or 4096; EC keys 256 (default), 384 or 521.
`;

/** Kind of key pair. */
export type KeyKind =
  | { readonly type: 'rsa'; readonly bits: number }
  | { readonly type: 'ec'; readonly curve: string }
  | { readonly type: 'ed25519' };

export type KeygenCommand =
  { readonly do: 'help' } | { readonly do: 'generate'; readonly kind: KeyKind; readonly folder: string };

const RSA_BITS = new Set(['2048', '3072', '4096']);
const CURVES = new Map([
  ['256', 'P-256'],
  ['384', 'P-384'],
  ['521', 'P-521'],
]);

/**
 * Parses the command line.
 *
 * @throws {UsageError} when the parameters are invalid
 */
export function parseKeygenCommand(parameters: string[]): KeygenCommand {
  const { type, bits, out, help } = understood(() => parse(parameters));
  return help ? { do: 'help' } : { do: 'generate', kind: kindOf(type, bits), folder: out };
}

function kindOf(type: string, bits: string | undefined): KeyKind {
  if (type === 'rsa' && RSA_BITS.has(bits ?? '2048')) return { type, bits: Number(bits ?? '2048') };
  const curve = CURVES.get(bits ?? '256');
  if (type === 'ec' && curve !== undefined) return { type, curve };
  if (type === 'ed25519' && bits === undefined) return { type };
  if (!['rsa', 'ec', 'ed25519'].includes(type))
    throw new UsageError(`--type "${type}" is not rsa, ec or ed25519.`);
  throw new UsageError(`--bits "${bits}" is not a valid size for a key of type ${type}.`);
}

const parse = (parameters: string[]) =>
  parseArgs({
    args: parameters,
    options: {
      type: { type: 'string', default: 'rsa' },
      bits: { type: 'string' },
      out: { type: 'string', default: '.' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  }).values;
