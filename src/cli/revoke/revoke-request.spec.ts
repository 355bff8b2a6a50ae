import { type RevokeOptions, revokeRequest } from './revoke-request.js';
import { describeRevocation, describeRevocations } from './revoke-words.js';
import { selectorOf } from '../../auth/revocation/revocation-parameters.js';
import { UsageError } from '../terminal/usage-error.js';

describe('revokeRequest', () => {
  it.each<[RevokeOptions, object]>([
    [{ tokenId: ['tkn_1'] }, { what: 'token', id: 'tkn_1' }],
    [{ subject: [' usr_1 '] }, { what: 'subject', id: 'usr_1' }],
    [{ client: ['https://a.example/c.json'] }, { what: 'client', id: 'https://a.example/c.json' }],
    [{ organization: ['org_1'] }, { what: 'organization', id: 'org_1' }],
    [
      { subject: ['usr_1'], organization: ['org_1'], issuer: ['https://a.example'] },
      { what: 'subject', id: 'usr_1', organization: 'org_1', issuer: 'https://a.example' },
    ],
    [
      { organization: ['org_1'], client: ['skc_1'] },
      { what: 'client', id: 'skc_1', organization: 'org_1' },
    ],
    [
      { organization: ['org_1'], issuer: ['i'] },
      { what: 'organization', id: 'org_1', issuer: 'i' },
    ],
    [
      { tokenId: ['tkn_1'], issuer: ['i'] },
      { what: 'token', id: 'tkn_1', issuer: 'i' },
    ],
  ])('accepts %j', (options, selector) => {
    const asked = revokeRequest({ ...options, for: '1h', clockMargin: '0s' });
    const undone = revokeRequest({ undo: true, ...options });
    expect(asked).toMatchObject({ do: 'revoke', for: '1h', clockMargin: '0s' });
    expect(undone.do).toBe('undo');
    for (const request of [asked, undone])
      expect('target' in request && selectorOf(request.target)).toEqual(selector);
  });

  it('accepts --list, as text or as JSON', () => {
    expect(revokeRequest({ list: true })).toEqual({ do: 'list', json: false });
    expect(revokeRequest({ list: true, json: true })).toEqual({ do: 'list', json: true });
  });

  it.each<[string, RevokeOptions, RegExp]>([
    ['missing options', {}, /exactly one/],
    ['two selectors', { subject: ['a'], client: ['b'] }, /exactly one/],
    ['the same selector twice', { subject: ['a', 'b'] }, /exactly one/],
    ['a token of an organization', { tokenId: ['a'], organization: ['b'] }, /exactly one/],
    ['three selectors', { subject: ['a'], client: ['b'], organization: ['c'] }, /exactly one/],
    ['two organizations', { subject: ['a'], organization: ['b', 'c'] }, /exactly one/],
    ['two issuers', { subject: ['a'], issuer: ['b', 'c'] }, /one --issuer/],
    ['an issuer alone', { issuer: ['b'] }, /exactly one/],
    ['an empty issuer', { subject: ['a'], issuer: [''] }, /--issuer is empty/],
    ['--list with --issuer', { list: true, issuer: ['a'] }, /--list/],
    ['an empty id', { subject: [' '] }, /--subject is empty/],
    ['an empty token id', { tokenId: [''] }, /--token-id is empty/],
    ['an invalid duration', { subject: ['a'], for: 'ever' }, /"ever"/],
    ['an invalid margin', { subject: ['a'], clockMargin: '1' }, /"1" is not a duration/],
    ['--undo with a margin', { undo: true, subject: ['a'], clockMargin: '1s' }, /Omit it/],
    ['--undo without a selector', { undo: true }, /exactly one/],
    ['--undo with --for', { undo: true, subject: ['a'], for: '1h' }, /Omit --for/],
    ['--list with a selector', { list: true, subject: ['a'] }, /--list/],
    ['--json without --list', { json: true, subject: ['a'] }, /--json/],
    ['a selector without its value', { subject: ['--list'] }, /--subject has no value/],
  ])('rejects %s', (_what, options, message) => {
    expect(() => revokeRequest(options)).toThrow(UsageError);
    expect(() => revokeRequest(options)).toThrow(message);
  });

  it('shortens who revokes to one line', () => {
    expect(revokeRequest({ subject: ['a'], by: `ada\r\n${'b'.repeat(200)}` })).toMatchObject({
      by: `ada ${'b'.repeat(196)}`,
    });
  });

  it('rejects a whole token without repeating it', () => {
    const attempt = (): unknown => revokeRequest({ tokenId: ['eyJhbGciOiJSUzI1NiJ9.e30.c2ln'] });
    expect(attempt).toThrow(/whole token/);
    expect(attempt).not.toThrow(/c2ln/);
  });

  it('describes revocations', () => {
    const at = Date.UTC(2030, 0, 1);
    const revocation = { what: 'subject', id: 'usr_1\u001b[2J', revokedAt: at, until: at + 1_000 } as const;
    expect(describeRevocation(revocation, at)).toBe(
      'every token of the subject "usr_1\\u001b[2J" issued up to 2030-01-01T00:00:00.000Z is rejected; the revocation is kept until 2030-01-01T00:00:01.000Z; tokens issued later are accepted.',
    );
    expect(describeRevocation(revocation, at - 60_000)).toContain(
      'issued up to 2030-01-01T00:00:00.000Z is rejected (still to come, because the clock of the issuer may differ;',
    );
    expect(describeRevocation({ ...revocation, what: 'token', id: 'tkn_1' }, at - 60_000)).toBe(
      'the token "tkn_1" is rejected; the revocation is kept until 2030-01-01T00:00:01.000Z.',
    );
    const restricted = { ...revocation, id: 'usr_1', organization: 'org_1', issuer: 'https://a.example' };
    expect(describeRevocation(restricted, at)).toContain(
      'the subject "usr_1" in the organization "org_1" from the issuer "https://a.example" issued up to',
    );
    const barring = { ...revocation, barsNewerUntil: at + 500 };
    expect(describeRevocation(barring, at)).toContain('later are rejected until 2030-01-01T00:00:00.500Z.');
    expect(describeRevocation(barring, at + 500)).toContain('later are accepted.');
    expect(describeRevocations([revocation], at)).toMatch(/^- every token/);
    expect(describeRevocations([], at)).toBe('Nothing is revoked.');
  });
});
