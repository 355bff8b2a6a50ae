import { UsageError } from '../terminal/usage-error.js';
import { keyKind } from './key-kind.js';

describe('keyKind', () => {
  it.each([
    [{ type: 'rsa' }, { type: 'rsa', bits: 2048 }],
    [
      { type: 'rsa', bits: '4096' },
      { type: 'rsa', bits: 4096 },
    ],
    [{ type: 'ec' }, { type: 'ec', curve: 'P-256' }],
    [
      { type: 'ec', bits: '521' },
      { type: 'ec', curve: 'P-521' },
    ],
    [{ type: 'ed25519' }, { type: 'ed25519' }],
  ] as const)('accepts %j', (options, kind) => {
    expect(keyKind(options)).toEqual(kind);
  });

  it.each([
    ['a key that is too weak', { type: 'rsa', bits: '1024' }, /"1024"/],
    ['an unknown curve', { type: 'ec', bits: '2048' }, /"2048"/],
    ['a size for a type with a fixed size', { type: 'ed25519', bits: '256' }, /"256"/],
  ] as const)('rejects %s', (_what, options, message) => {
    expect(() => keyKind(options)).toThrow(UsageError);
    expect(() => keyKind(options)).toThrow(message);
  });
});
