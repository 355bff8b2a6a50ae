import { aPrincipal } from '../test/support/principal.js';
import { callerKeysOf } from './auth/caller-keys.js';
import { VerifiedTokens } from './auth/verified-tokens.js';
import { knownSender } from './known-sender.js';

describe('knownSender', () => {
  const verified = new VerifiedTokens(60_000);
  const member = aPrincipal({ organizationId: 'org_1' });
  const loner = aPrincipal({ organizationId: undefined });
  verified.remember('token.of.member', member);
  verified.remember('token.of.loner', loner);
  const senderOf = (authorization?: string): unknown =>
    knownSender({ headers: authorization === undefined ? {} : { authorization } }, verified);

  it('returns the organization and caller of a verified token', () => {
    const { organization, caller } = callerKeysOf(member);
    expect(senderOf('Bearer token.of.member')).toEqual({ group: organization, member: caller });
    expect(senderOf('bearer  token.of.member ')).toEqual({ group: organization, member: caller });
  });

  it('uses the caller as group if there is no organization', () => {
    const { caller } = callerKeysOf(loner);
    expect(senderOf('Bearer token.of.loner')).toEqual({ group: caller, member: caller });
  });

  it.each([undefined, '', 'Basic token.of.member', 'Bearer', 'Bearer another.token'])(
    'returns undefined for %p',
    (header) => expect(senderOf(header)).toBeUndefined(),
  );
});
