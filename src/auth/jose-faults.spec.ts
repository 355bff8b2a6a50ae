import { generateSecret, jwtVerify, SignJWT } from 'jose';

import { claimFault } from './jose-faults.js';

describe('claimFault', () => {
  const faultOf = async (claims: object): Promise<unknown> => {
    const key = await generateSecret('HS256');
    const token = await new SignJWT({ iss: 'us', aud: 'here', ...claims })
      .setProtectedHeader({ alg: 'HS256' })
      .sign(key);
    const options = { issuer: 'us', audience: 'here', requiredClaims: ['exp'], maxTokenAge: '1h' };
    return jwtVerify(token, key, options).then(
      () => 'valid',
      ({ message }: Error) => claimFault(message),
    );
  };
  const now = Math.floor(Date.now() / 1000);
  const times = { iat: now, exp: now + 60 };

  it.each([
    ['another issuer', { ...times, iss: 'them' }, 'wrong_issuer'],
    ['another audience', { ...times, aud: 'there' }, 'wrong_audience'],
    ['no issue time', { exp: now + 60 }, 'no_issue_time'],
    ['no expiry', { iat: now }, 'no_expiry'],
    ['an expiry that is not a number', { ...times, exp: 'soon' }, 'no_expiry'],
    ['an expiry in the past', { ...times, exp: now - 60 }, 'expired'],
    ['a start in the future', { ...times, nbf: now + 600 }, 'not_yet_valid'],
    ['a start that is not a number', { ...times, nbf: 'soon' }, 'invalid_claim'],
    ['valid claims', times, 'valid'],
  ])('recognizes %s in the message of jose', async (_claims, claims, fault) => {
    expect(await faultOf(claims)).toBe(fault);
  });

  it('knows no fault for other messages', () => {
    expect(claimFault('signature verification failed')).toBeUndefined();
  });

  it('knows no fault for a message that repeats the header of a forged token', async () => {
    const header = { alg: 'HS256', crit: ['exp" claim timestamp check failed'] };
    const forged = [header, {}, 'x'].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'));
    const check = jwtVerify(forged.join('.'), await generateSecret('HS256'));
    const { message } = await check.then(
      () => new Error('valid'),
      (error: Error) => error,
    );
    expect(message).toContain('"exp" claim timestamp check failed');
    expect(claimFault(message)).toBeUndefined();
  });
});
