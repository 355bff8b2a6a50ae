import { type Aerie, startAerie } from './support/aerie.js';
import { message, post } from './support/rpc.js';

const LIST = message({ method: 'tools/list' });
const BAD = 'not-a-token-SECRETPART';

describe('the limit on invalid tokens', () => {
  let aerie: Aerie;
  let before: number;
  const start = async (rate: string): Promise<void> => {
    aerie = await startAerie({
      environment: { RATE_LIMIT_INVALID_TOKENS: rate, TRUSTED_PROXIES: 'loopback' },
    });
    before = aerie.logs.length;
  };
  const send = (token: string | undefined, from?: string): Promise<Response> =>
    post(aerie.url, token, LIST, from === undefined ? {} : { 'x-forwarded-for': from });
  const statuses = async (times: number, token: string | undefined, from?: string): Promise<number[]> => {
    const all: number[] = [];
    for (let i = 0; i < times; i++) all.push((await send(token, from)).status);
    return all;
  };
  const reports = (): string[] => aerie.logs.slice(before).filter((line) => line.includes('Attack pattern'));
  afterEach(() => aerie.close());

  it('returns 401 up to the limit and 429 beyond it', async () => {
    await start('3/min');
    expect(await statuses(5, BAD)).toEqual([401, 401, 401, 429, 429]);
    const response = await send(BAD);
    expect(response.status).toBe(429);
    const seconds = Number(response.headers.get('retry-after'));
    expect(seconds).toBeGreaterThanOrEqual(1);
    expect(seconds).toBeLessThanOrEqual(60);
    expect(response.headers.has('www-authenticate')).toBe(false);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.json()).toEqual({
      error: 'too_many_requests',
      error_description: `Too many invalid tokens came from this address. Try again in ${seconds} s.`,
    });
  });

  it('still reports expired and revoked tokens, and does not count them', async () => {
    await start('3/min');
    const expired = await aerie.token({ claims: { exp: 1 } });
    expect(await statuses(5, expired)).toEqual([401, 401, 401, 401, 401]);
    expect(await statuses(4, BAD)).toEqual([401, 401, 401, 429]);
    const response = await send(expired);
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toContain('error="invalid_token"');
  });

  it('counts a forged token whose header imitates the message about an expired one', async () => {
    await start('3/min');
    const [, payload] = (await aerie.token({ claims: { exp: 1 } })).split('.');
    const header = { alg: 'RS256', crit: ['exp" claim timestamp x'] };
    const forged = `${Buffer.from(JSON.stringify(header)).toString('base64url')}.${payload}.x`;
    expect(await statuses(4, forged)).toEqual([401, 401, 401, 429]);
  });

  it('never rejects or counts valid tokens and requests without a token', async () => {
    await start('3/min');
    const valid = await aerie.token();
    expect(await statuses(10, undefined)).toEqual(Array(10).fill(401));
    expect(await statuses(10, valid)).toEqual(Array(10).fill(200));
    expect(await statuses(4, BAD)).toEqual([401, 401, 401, 429]);
    expect(await statuses(5, valid)).toEqual(Array(5).fill(200));
    const without = await send(undefined);
    expect(without.status).toBe(401);
    expect(without.headers.get('www-authenticate')).toMatch(/resource_metadata=/);
  });

  it('does not count other refusals', async () => {
    await start('1/min');
    const twoParts = { authorization: 'Bearer two parts' };
    for (let i = 0; i < 3; i++) {
      expect((await post(aerie.url, undefined, LIST, twoParts)).status).toBe(400);
    }
    expect(await statuses(2, BAD)).toEqual([401, 429]);
  });

  it('counts each address separately, and IPv6 by its /64', async () => {
    await start('2/min');
    expect(await statuses(3, BAD, '203.0.113.7')).toEqual([401, 401, 429]);
    expect(await statuses(1, BAD, '203.0.113.8')).toEqual([401]);
    expect(await statuses(1, BAD, '2001:db8:1:2::1')).toEqual([401]);
    expect(await statuses(1, BAD, '2001:db8:1:2:ffff::2')).toEqual([401]);
    expect(await statuses(1, BAD, '2001:db8:1:2:abcd:1:2:3')).toEqual([429]);
    expect(await statuses(1, BAD, '2001:db8:1:3::1')).toEqual([401]);
    expect(await statuses(1, BAD, '::ffff:203.0.113.7')).toEqual([429]);
  });

  it('counts the connections of one address together, if a proxy forwards their ports', async () => {
    await start('2/min');
    expect(await statuses(1, BAD, '203.0.113.7:50001')).toEqual([401]);
    expect(await statuses(1, BAD, '203.0.113.7:50002')).toEqual([401]);
    expect(await statuses(1, BAD, '203.0.113.7:50003')).toEqual([429]);
    expect(reports()[0]).toContain('from 203.0.113.7.');
    expect(await statuses(2, BAD, '[2001:db8:1:2::1]:50001')).toEqual([401, 401]);
    expect(await statuses(1, BAD, '2001:db8:1:2::2')).toEqual([429]);
  });

  it('logs one line for each address, with the count and without any token', async () => {
    await start('2/min');
    await statuses(2, BAD, '203.0.113.7');
    expect(reports()).toEqual([]);
    await statuses(10, BAD, '203.0.113.7');
    await statuses(10, BAD, '203.0.113.8');
    expect(reports()).toHaveLength(2);
    expect(reports()[0]).toMatch(/3 invalid tokens within 60 s from 203\.0\.113\.7\b/);
    expect(aerie.logs.slice(before).join('\n')).not.toContain('SECRETPART');
  });

  it('restarts counting and logging in the next window', async () => {
    await start('2/s');
    expect((await statuses(3, BAD)).at(-1)).toBe(429);
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    expect(await statuses(3, BAD)).toEqual([401, 401, 429]);
    expect(reports()).toHaveLength(2);
  });

  it('can be switched off', async () => {
    await start('off');
    expect(await statuses(50, BAD)).toEqual(Array(50).fill(401));
    expect(reports()).toEqual([]);
  });
});
