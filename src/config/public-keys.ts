import { createPublicKey, type KeyObject } from 'node:crypto';

import { z } from 'zod';

import type { PublicJwk } from './public-jwk.js';
import { algorithmsOf } from './signature-algorithms.js';

/** What could be made of a text: the usable keys, and what is wrong with the rest, in words without its value. */
export interface PublicKeys {
  readonly keys: readonly PublicJwk[];
  readonly faults: readonly string[];
}

/** RFC 7518 §3.3 */
const LEAST_RSA_BITS = 2048;
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
 * Reads public keys: one or several in PEM, one after the other (also with `\n` written out), a JWK, or a JWK Set.
 *
 * Private and symmetric keys are refused, and so is what is too weak or not for signatures.
 */
export function readPublicKeys(text: string): PublicKeys {
  if (text.trimStart().startsWith('{')) return fromJson(text);
  const pems = text.replaceAll(String.raw`\n`, '\n');
  const blocks = [...pems.matchAll(PEM_BLOCK)];
  if (blocks.length < pems.split(PEM_BEGIN).length - 1) {
    return { keys: [], faults: ['has a key in PEM that is cut off.'] };
  }
  if (blocks.length === 0) return { keys: [], faults: ['holds no key in PEM and is no JWK.'] };
  return collect(blocks.map(([pem, label = '']) => fromPem(pem, label)));
}

/** The same for a JWK Set (RFC 7517 §5) that is parsed already. */
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
    return { keys: [], faults: ['begins like a JWK, but is not JSON.'] };
  }
  return typeof json === 'object' && json !== null && 'keys' in json
    ? readKeySet(json)
    : collect([fromJwk(json)]);
}

/** Sorts keys from faults, and says which of several keys is meant. */
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
  if (label.includes('PRIVATE')) return 'a private key, which no server needs that only verifies.';
  if (label !== 'PUBLIC KEY' && label !== 'RSA PUBLIC KEY') return `no public key, but a ${label}.`;
  return checked(() => createPublicKey(pem));
}

function fromJwk(json: unknown): PublicJwk | string {
  if (typeof json === 'object' && json !== null) {
    if ('d' in json) return 'a private key, which no server needs that only verifies.';
    if ('k' in json) return 'a symmetric key: whoever can verify with it can sign as well.';
  }
  const { success, data } = jwk.safeParse(json);
  if (!success) return 'no usable JWK.';
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
    if (bits !== undefined && bits < LEAST_RSA_BITS) {
      return `an RSA key of ${bits} bits; fewer than ${LEAST_RSA_BITS} can be broken.`;
    }
    const read = { ...material.parse(key.export({ format: 'jwk' })), ...further };
    return algorithmsOf(read).length > 0 ? read : 'a key of a type that no signature here uses.';
  } catch {
    return 'what cannot be read as a public key.';
  }
}
