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

  it('names the organization and the caller of a token that was verified', () => {
    const { organization, caller } = callerKeysOf(member);
    expect(senderOf('Bearer token.of.member')).toEqual({ group: organization, member: caller });
    expect(senderOf('bearer  token.of.member ')).toEqual({ group: organization, member: caller });
  });

  it('takes a caller without an organization for one of its own', () => {
    const { caller } = callerKeysOf(loner);
    expect(senderOf('Bearer token.of.loner')).toEqual({ group: caller, member: caller });
  });

  it.each([undefined, '', 'Basic token.of.member', 'Bearer', 'Bearer another.token'])(
    'knows nobody by %p',
    (header) => expect(senderOf(header)).toBeUndefined(),
  );
});
