import { parseKeygenCommand } from './keygen-command.js';
import { UsageError } from '../terminal/usage-error.js';

describe('npm run keygen', () => {
  it.each([
    [[], { type: 'rsa', bits: 2048 }],
    [['--bits', '4096'], { type: 'rsa', bits: 4096 }],
    [['--type', 'ec'], { type: 'ec', curve: 'P-256' }],
    [['--type', 'ec', '--bits', '521'], { type: 'ec', curve: 'P-521' }],
    [['--type', 'ed25519'], { type: 'ed25519' }],
  ])('parses %j', (parameters, kind) => {
    expect(parseKeygenCommand(parameters)).toEqual({ do: 'generate', kind, folder: '.' });
    expect(parseKeygenCommand([...parameters, '--out', 'keys'])).toMatchObject({ folder: 'keys' });
    expect(parseKeygenCommand([...parameters, '-h'])).toEqual({ do: 'help' });
  });

  it.each([
    ['an unknown type', ['--type', 'dsa'], /"dsa"/],
    ['a key that is too weak', ['--bits', '1024'], /"1024"/],
    ['an unknown curve', ['--type', 'ec', '--bits', '2048'], /"2048"/],
    ['a size for a type with a fixed size', ['--type', 'ed25519', '--bits', '256'], /"256"/],
    ['an unknown option', ['--force'], /force/],
  ])('rejects %s', (_what, parameters, message) => {
    expect(() => parseKeygenCommand(parameters)).toThrow(UsageError);
    expect(() => parseKeygenCommand(parameters)).toThrow(message);
  });
});
