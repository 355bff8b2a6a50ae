import { createPublicKey, type KeyObject } from 'node:crypto';

import { z } from 'zod';

import type { PublicJwk } from './public-jwk.js';
import { algorithmsOf } from './signature-algorithms.js';

/** Result of reading public keys: the valid keys, and a description of each fault that does not contain the key. */
export interface PublicKeys {
  readonly keys: readonly PublicJwk[];
  readonly faults: readonly string[];
}

/** Minimum size of an RSA key (RFC 7518 §3.3). */
const MIN_RSA_BITS = 2048;
const PRIVATE_KEY = 'a private key, but the server needs only the public key.';
const PEM_BEGIN = '-----BEGIN ';
const PEM_BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g;

const material = z.object({
  kty: z.string(),
  crv: z.string().optional(),
  n: z.string().optional(),
  e: z.string().optional(),
  x: z.string().optional(),
  y: z.string().optional(),
});
const jwk = material.extend({
  kid: z.string().optional(),
  alg: z.string().optional(),
  use: z.string().optional(),
  key_ops: z.array(z.string()).optional(),
});
const keySet = z.object({ keys: z.array(z.unknown()) });

/**
 * Reads one or several PEM keys (line breaks may be written as `\n`), a JWK, or a JWK Set.
 *
 * Rejects private and symmetric keys, weak keys, and keys that are not for signatures.
 */
export function readPublicKeys(text: string): PublicKeys {
  if (text.trimStart().startsWith('{')) return fromJson(text);
  const pems = text.replaceAll(String.raw`\n`, '\n');
  const blocks = [...pems.matchAll(PEM_BLOCK)];
  if (blocks.length < pems.split(PEM_BEGIN).length - 1) {
    return { keys: [], faults: ['contains a truncated PEM key.'] };
  }
  if (blocks.length === 0) return { keys: [], faults: ['contains neither a PEM key nor a JWK.'] };
  return collect(blocks.map(([pem, label = '']) => fromPem(pem, label)));
}

/** Reads the public keys of a parsed JWK Set (RFC 7517 §5). */
export function readKeySet(json: unknown): PublicKeys {
  const { success, data } = keySet.safeParse(json);
  if (!success || data.keys.length === 0) return { keys: [], faults: ['is a JWK Set without keys.'] };
  return collect(data.keys.map(fromJwk));
}

function fromJson(text: string): PublicKeys {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { keys: [], faults: ['starts like a JWK but is not valid JSON.'] };
  }
  return typeof json === 'object' && json !== null && 'keys' in json
    ? readKeySet(json)
    : collect([fromJwk(json)]);
}

/** Separates keys from faults. If there are several keys, each fault names its key by number. */
function collect(outcomes: readonly (PublicJwk | string)[]): PublicKeys {
  const name = (index: number): string => (outcomes.length === 1 ? 'holds' : `has as key ${index + 1}`);
  return {
    keys: outcomes.filter((outcome) => typeof outcome !== 'string'),
    faults: outcomes.flatMap((outcome, index) =>
      typeof outcome === 'string' ? [`${name(index)} ${outcome}`] : [],
    ),
  };
}

function fromPem(pem: string, label: string): PublicJwk | string {
  if (label.includes('PRIVATE')) return PRIVATE_KEY;
  if (label !== 'PUBLIC KEY' && label !== 'RSA PUBLIC KEY') return `a ${label} instead of a public key.`;
  return checked(() => createPublicKey(pem));
}

function fromJwk(json: unknown): PublicJwk | string {
  if (typeof json === 'object' && json !== null) {
    if ('d' in json) return PRIVATE_KEY;
    if ('k' in json) return 'a symmetric key: anyone who can verify with it can also sign.';
  }
  const { success, data } = jwk.safeParse(json);
  if (!success) return 'an invalid JWK.';
  const { use, key_ops: operations, kid, alg } = data;
  if ((use ?? 'sig') !== 'sig' || operations?.includes('verify') === false) {
    return 'a key that is not for signatures.';
  }
  return checked(() => createPublicKey({ key: material.parse(json), format: 'jwk' }), {
    ...(kid !== undefined && { kid }),
    ...(alg !== undefined && { alg }),
  });
}

function checked(make: () => KeyObject, further: Pick<PublicJwk, 'kid' | 'alg'> = {}): PublicJwk | string {
  try {
    const key = make();
    const bits = key.asymmetricKeyDetails?.modulusLength;
    if (bits !== undefined && bits < MIN_RSA_BITS) {
      return `an RSA key of ${bits} bits; the minimum is ${MIN_RSA_BITS} bits.`;
    }
    const read = { ...material.parse(key.export({ format: 'jwk' })), ...further };
    return algorithmsOf(read).length > 0 ? read : 'a key of an unsupported type or algorithm.';
  } catch {
    return 'a public key that cannot be read.';
  }
}
