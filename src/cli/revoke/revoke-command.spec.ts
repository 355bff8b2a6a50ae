import { parseRevokeCommand } from './revoke-command.js';
import { describeRevocation, describeRevocations } from './revoke-words.js';
import { UsageError } from '../terminal/usage-error.js';

describe('npm run revoke', () => {
  it.each([
    [['--token-id', 'tkn_1'], { what: 'token', id: 'tkn_1' }],
    [['--subject', ' usr_1 '], { what: 'subject', id: 'usr_1' }],
    [['--client', 'https://a.example/c.json'], { what: 'client', id: 'https://a.example/c.json' }],
    [['--organization=org_1'], { what: 'organization', id: 'org_1' }],
    [
      ['--subject', 'usr_1', '--organization', 'org_1', '--issuer', 'https://a.example'],
      { what: 'subject', id: 'usr_1', organization: 'org_1', issuer: 'https://a.example' },
    ],
    [
      ['--organization', 'org_1', '--client', 'skc_1'],
      { what: 'client', id: 'skc_1', organization: 'org_1' },
    ],
    [['--organization', 'org_1', '--issuer', 'i'], { what: 'organization', id: 'org_1', issuer: 'i' }],
    [['--token-id', 'tkn_1', '--issuer', 'i'], { what: 'token', id: 'tkn_1', issuer: 'i' }],
  ])('parses %j', (parameters, selector) => {
    expect(parseRevokeCommand(parameters)).toEqual({ do: 'revoke', selector, barNewerFor: undefined });
    expect(parseRevokeCommand([...parameters, '--for', '1h'])).toEqual({
      do: 'revoke',
      selector,
      barNewerFor: 3_600_000,
    });
    expect(parseRevokeCommand(['--undo', ...parameters])).toEqual({ do: 'undo', selector });
  });

  it('parses --list and --help', () => {
    expect(parseRevokeCommand(['--list'])).toEqual({ do: 'list' });
    expect(parseRevokeCommand(['--help'])).toEqual({ do: 'help' });
  });

  it.each([
    ['missing parameters', [], /exactly one/],
    ['two selectors', ['--subject', 'a', '--client', 'b'], /exactly one/],
    ['the same selector twice', ['--subject', 'a', '--subject', 'b'], /exactly one/],
    ['a token of an organization', ['--token-id', 'a', '--organization', 'b'], /exactly one/],
    ['three selectors', ['--subject', 'a', '--client', 'b', '--organization', 'c'], /exactly one/],
    ['two organizations', ['--subject', 'a', '--organization', 'b', '--organization', 'c'], /exactly one/],
    ['two issuers', ['--subject', 'a', '--issuer', 'b', '--issuer', 'c'], /one --issuer/],
    ['an issuer alone', ['--issuer', 'b'], /exactly one/],
    ['an empty issuer', ['--subject', 'a', '--issuer', ''], /--issuer is empty/],
    ['--list with --issuer', ['--list', '--issuer', 'a'], /--list/],
    ['an empty id', ['--subject', ' '], /--subject is empty/],
    ['an invalid duration', ['--subject', 'a', '--for', 'ever'], /"ever"/],
    ['--undo without a selector', ['--undo'], /exactly one/],
    ['--undo with --for', ['--undo', '--subject', 'a', '--for', '1h'], /Omit --for/],
    ['--list with a selector', ['--list', '--subject', 'a'], /--list/],
    ['an unknown option', ['--user', 'a'], /--user/],
    ['a selector without its value', ['--subject', '--list'], /subject/],
    ['a value without an option', ['usr_1'], /usr_1/],
  ])('rejects %s', (_what, parameters, message) => {
    expect(() => parseRevokeCommand(parameters)).toThrow(UsageError);
    expect(() => parseRevokeCommand(parameters)).toThrow(message);
  });

  it('rejects a whole token without repeating it', () => {
    const attempt = (): unknown => parseRevokeCommand(['--token-id', 'eyJhbGciOiJSUzI1NiJ9.e30.c2ln']);
    expect(attempt).toThrow(/whole token/);
    expect(attempt).not.toThrow(/c2ln/);
  });

  it('describes revocations', () => {
    const at = Date.UTC(2030, 0, 1);
    const revocation = { what: 'subject', id: 'usr_1\u001b[2J', revokedAt: at, until: at + 1_000 } as const;
    expect(describeRevocation(revocation, at)).toBe(
      'every token of the subject "usr_1\\u001b[2J" issued up to 2030-01-01T00:00:00.000Z is rejected; the revocation is kept until 2030-01-01T00:00:01.000Z; tokens issued later are accepted.',
    );
    const restricted = { ...revocation, id: 'usr_1', organization: 'org_1', issuer: 'https://a.example' };
    expect(describeRevocation(restricted, at)).toContain(
      'the subject "usr_1" in the organization "org_1" from the issuer "https://a.example" issued up to',
    );
    const barring = { ...revocation, barsNewerUntil: at + 500 };
    expect(describeRevocation(barring, at)).toContain('later are rejected until 2030-01-01T00:00:00.500Z.');
    expect(describeRevocation(barring, at + 500)).toContain('later are accepted.');
    expect(describeRevocations([revocation], at)).toMatch(/^- every token/);
    expect(describeRevocations([revocation], at + 1_000)).toBe('Nothing is revoked.');
  });
});
