import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import { z } from 'zod';
import { newIdentifier } from './identifiers.js';
import type { StateDirectory } from './state-directory.js';

const KEY_FILE = 'signing-key.json';

const signingKeySchema = z.object({
  kty: z.literal('RSA'),
  n: z.string(),
  e: z.string(),
  d: z.string(),
  p: z.string(),
  q: z.string(),
  dp: z.string(),
  dq: z.string(),
  qi: z.string(),
  kid: z.string().startsWith('snk_'),
  alg: z.literal('RS256'),
  use: z.literal('sig'),
});

/** Private RSA key as a JWK (RFC 7517, RFC 7518 §6.3), for RS256 signatures. */
export type SigningKey = z.infer<typeof signingKeySchema>;

/** Generates a key with a new key id. */
export async function generateSigningKey(): Promise<SigningKey> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  return signingKeySchema.parse({
    ...privateKey.export({ format: 'jwk' }),
    kid: newIdentifier('snk'),
    alg: 'RS256',
    use: 'sig',
  });
}

/** Reads the stored key. Returns undefined if there is none. */
export const readSigningKey = (directory: StateDirectory): Promise<SigningKey | undefined> =>
  directory.read(KEY_FILE, signingKeySchema);

/** Reads the stored key. Stores the given one, or generates one, if there is none. */
export async function loadSigningKey(directory: StateDirectory, given?: SigningKey): Promise<SigningKey> {
  const kept = await readSigningKey(directory);
  if (kept) return kept;

  const first = given ?? (await generateSigningKey());
  if (await directory.create(KEY_FILE, first)) return first;
  return loadSigningKey(directory);
}

/** Replaces the stored key. */
export async function replaceSigningKey(directory: StateDirectory, key: SigningKey): Promise<void> {
  await directory.replace(KEY_FILE, key);
}
