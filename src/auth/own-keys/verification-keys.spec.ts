import { generateKeyPairSync } from 'node:crypto';

import type { PublicJwk } from '../../oauth/public-jwk.js';
import { readPublicKeys } from '../../oauth/public-keys.js';
import { candidates, verificationKeys } from './verification-keys.js';

const [rsa1, rsa2, ec] = readPublicKeys(
  [
    generateKeyPairSync('rsa', { modulusLength: 2048 }),
    generateKeyPairSync('rsa', { modulusLength: 2048 }),
    generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  ]
    .map(({ publicKey }) => publicKey.export({ type: 'spki', format: 'pem' }).toString())
    .join(''),
).keys as [PublicJwk, PublicJwk, PublicJwk];

describe('candidates', () => {
  it('are all keys of the right type if the keys have no kid', async () => {
    const keys = await verificationKeys([rsa1, rsa2, ec]);
    expect(candidates(keys, { algorithm: 'RS256', keyId: undefined })).toEqual([rsa1, rsa2]);
    expect(candidates(keys, { algorithm: 'RS256', keyId: 'any' })).toEqual([rsa1, rsa2]);
    expect(candidates(keys, { algorithm: 'ES256', keyId: undefined })).toEqual([ec]);
    for (const algorithm of ['ES384', 'EdDSA', 'HS256', 'none']) {
      expect(candidates(keys, { algorithm, keyId: undefined })).toEqual([]);
    }
  });

  it('is the key that the token names by its thumbprint', async () => {
    const keys = await verificationKeys([rsa1, rsa2]);
    expect(candidates(keys, { algorithm: 'RS256', keyId: keys.keyIds[1] })).toEqual([rsa2]);
    expect(keys.keyIds[1]).toMatch(/^[\w-]{43}$/);
  });

  it('is the key that the token names, and no other key with a kid', async () => {
    const [one, two] = [
      { ...rsa1, kid: 'k1' },
      { ...rsa2, kid: 'k2' },
    ];
    const keys = await verificationKeys([one, two, ec]);
    expect(candidates(keys, { algorithm: 'RS256', keyId: 'k2' })).toEqual([two]);
    expect(candidates(keys, { algorithm: 'RS256', keyId: 'k3' })).toEqual([]);
    expect(candidates(keys, { algorithm: 'ES256', keyId: 'k1' })).toEqual([ec]);
    expect(candidates(keys, { algorithm: 'RS256', keyId: undefined })).toEqual([one, two]);
  });
});
