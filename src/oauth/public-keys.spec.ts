import { generateKeyPairSync, type KeyObject } from 'node:crypto';

import { readPublicKeys } from './public-keys.js';
import { algorithmsOf, fits } from './signature-algorithms.js';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pem = (key: KeyObject): string => key.export({ type: 'spki', format: 'pem' }).toString();
const privatePem = (key: KeyObject, type: 'pkcs8' | 'pkcs1' = 'pkcs8'): string =>
  key.export({ type, format: 'pem' }).toString();
const jwk = (key: KeyObject, further: object = {}): string =>
  JSON.stringify({ ...key.export({ format: 'jwk' }), ...further });
const types = (text: string): string[] =>
  readPublicKeys(text).keys.map(({ kty, crv, kid }) => [kty, crv, kid].filter(Boolean).join(' '));

describe('readPublicKeys', () => {
  it.each([
    ['PEM', pem(rsa.publicKey), ['RSA']],
    ['PEM of PKCS #1', rsa.publicKey.export({ type: 'pkcs1', format: 'pem' }).toString(), ['RSA']],
    ['PEM with \\n written out', pem(rsa.publicKey).replaceAll('\n', String.raw`\n`), ['RSA']],
    ['PEM with \\r\\n', pem(rsa.publicKey).replaceAll('\n', '\r\n'), ['RSA']],
    [
      'several PEMs with words between',
      `old\n${pem(rsa.publicKey)}\nnew\n${pem(ec.publicKey)}`,
      ['RSA', 'EC P-256'],
    ],
    ['P-384', pem(generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey), ['EC P-384']],
    ['P-521', pem(generateKeyPairSync('ec', { namedCurve: 'P-521' }).publicKey), ['EC P-521']],
    ['Ed25519', pem(generateKeyPairSync('ed25519').publicKey), ['OKP Ed25519']],
    ['a JWK', jwk(rsa.publicKey, { kid: 'k1' }), ['RSA k1']],
    [
      'a JWK Set',
      `{"keys":[${jwk(rsa.publicKey)},${jwk(ec.publicKey, { kid: 'k2' })}]}`,
      ['RSA', 'EC P-256 k2'],
    ],
  ])('reads %s', (_what, text, expected) => {
    expect(types(text)).toEqual(expected);
    expect(readPublicKeys(text).faults).toEqual([]);
  });

  it.each([
    ['a private key', privatePem(rsa.privateKey), /holds a private key/],
    ['an old private key', privatePem(rsa.privateKey, 'pkcs1'), /holds a private key/],
    ['a private JWK', jwk(ec.privateKey), /holds a private key/],
    [
      'a private key among public ones',
      `${pem(ec.publicKey)}${privatePem(ec.privateKey)}`,
      /key 2 a private key/,
    ],
    ['a symmetric key', '{"kty":"oct","k":"c2VjcmV0LXNlY3JldC1zZWNyZXQ"}', /symmetric/],
    ['a weak key', pem(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey), /1024 bits/],
    ['a weak JWK', jwk(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey), /1024 bits/],
    ['another curve', pem(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey), /unsupported/],
    ['a key for key agreement', pem(generateKeyPairSync('x25519').publicKey), /unsupported/],
    ['a key for encryption', jwk(rsa.publicKey, { use: 'enc' }), /not for signatures/],
    ['a key of another algorithm', jwk(rsa.publicKey, { alg: 'RSA-OAEP' }), /unsupported/],
    ['a key of a symmetric algorithm', jwk(rsa.publicKey, { alg: 'HS256' }), /unsupported/],
    ['a key with the algorithm of another key type', jwk(rsa.publicKey, { alg: 'ES256' }), /unsupported/],
    ['a key with the algorithm of another curve', jwk(ec.publicKey, { alg: 'ES384' }), /unsupported/],
    [
      'a key that is not for verification',
      jwk(rsa.publicKey, { key_ops: ['encrypt'] }),
      /not for signatures/,
    ],
    ['a certificate', '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----', /CERTIFICATE/],
    ['broken PEM', '-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----', /cannot be read/],
    ['truncated PEM', pem(rsa.publicKey).slice(0, 200), /truncated/],
    ['truncated PEM after a valid key', pem(ec.publicKey) + pem(rsa.publicKey).slice(0, 200), /truncated/],
    ['truncated PEM before a valid key', pem(rsa.publicKey).slice(0, 200) + pem(ec.publicKey), /truncated/],
    ['broken JSON', '{"kty":', /not valid JSON/],
    ['an empty JWK Set', '{"keys":[]}', /without keys/],
    ['a JWK without key material', '{"kty":"RSA"}', /cannot be read/],
    ['an SSH key', 'ssh-rsa AAAAB3', /neither a PEM key/],
  ])('rejects %s without repeating it', (_what, text, fault) => {
    const { faults } = readPublicKeys(text);
    expect(faults).toEqual([expect.stringMatching(fault)]);
    const parts = text.match(/\b[\w+/]{12,}/g) ?? [];
    expect(parts.filter((part) => faults.join().includes(part))).toEqual([]);
  });

  it('keeps only the public key, kid and alg of a JWK', () => {
    const [key] = readPublicKeys(
      jwk(ec.publicKey, { kid: 'k', alg: 'ES256', x5u: 'https://x', use: 'sig' }),
    ).keys;
    expect(Object.keys(key ?? {}).toSorted()).toEqual(['alg', 'crv', 'kid', 'kty', 'x', 'y']);
  });
});

describe('signature algorithms', () => {
  const [rsaKey, ecKey] = readPublicKeys(pem(rsa.publicKey) + pem(ec.publicKey)).keys;

  it.each(['HS256', 'none', 'ES384', 'EdDSA', 'RS1', '', 'toString'])(
    'do not include %s for either key',
    (algorithm) => {
      expect(rsaKey && fits(rsaKey, algorithm)).toBe(false);
      expect(ecKey && fits(ecKey, algorithm)).toBe(false);
    },
  );

  it('are derived from the key, unless the key names one', () => {
    expect(rsaKey && algorithmsOf(rsaKey)).toEqual(['RS256']);
    expect(ecKey && algorithmsOf(ecKey)).toEqual(['ES256']);
    expect(rsaKey && algorithmsOf({ ...rsaKey, alg: 'PS256' })).toEqual(['PS256']);
    expect(rsaKey && fits({ ...rsaKey, alg: 'PS256' }, 'RS256')).toBe(false);
  });
});
