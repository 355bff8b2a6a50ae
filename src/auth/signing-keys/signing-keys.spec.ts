import { AsyncLocalStorage } from 'node:async_hooks';

import { IssuerUnavailableError } from '../auth-errors.js';
import { type KeySet, SigningKeys } from './signing-keys.js';

const MAX_AGE = 600_000;
const MAX_STALE = 86_400_000;
const COOLDOWN = 10_000;

const OPTIONS = {
  maxAge: MAX_AGE,
  maxStale: MAX_STALE,
  cooldown: COOLDOWN,
  loadTimeout: 5_000,
  onChange: () => undefined,
  onFailure: () => undefined,
};

describe('SigningKeys', () => {
  let issuer: { keys: string[]; down: boolean; hangs: boolean; requests: number };
  let changes: number;
  let keys: SigningKeys<KeySet>;

  beforeEach(() => {
    jest.useFakeTimers();
    issuer = { keys: ['a'], down: false, hangs: false, requests: 0 };
    changes = 0;
    keys = new SigningKeys({
      ...OPTIONS,
      load: async () => {
        issuer.requests++;
        await Promise.resolve();
        if (issuer.down) throw new Error('down');
        if (issuer.hangs) return new Promise<never>(() => undefined);
        return { keyIds: [...issuer.keys], fingerprint: issuer.keys.join() };
      },
      onChange: () => changes++,
    });
  });
  afterEach(() => {
    keys.stop();
    jest.useRealTimers();
  });

  const ids = async (): Promise<readonly string[]> => (await keys.current()).keyIds;

  it('sends one request for any number of concurrent callers', async () => {
    keys.start();
    await Promise.all(Array.from({ length: 100 }, ids));
    expect(issuer.requests).toBe(1);
  });

  it('refreshes the keys in the background at the age limit and reports a change', async () => {
    keys.start();
    await ids();
    issuer.keys = ['b'];
    await jest.advanceTimersByTimeAsync(MAX_AGE - 1);
    expect([await ids(), issuer.requests, changes]).toEqual([['a'], 1, 0]);
    await jest.advanceTimersByTimeAsync(1);
    expect([await ids(), issuer.requests, changes]).toEqual([['b'], 2, 1]);
    await jest.advanceTimersByTimeAsync(MAX_AGE);
    expect([issuer.requests, changes]).toEqual([3, 1]);
  });

  it('finds a key among the cached keys, else asks the issuer once, else rejects the token', async () => {
    const find = (id: string): Promise<KeySet> =>
      keys.find((known) => (known.keyIds.includes(id) ? known : undefined));
    keys.start();
    expect([(await find('a')).keyIds, issuer.requests]).toEqual([['a'], 1]);
    issuer.keys = ['b'];
    expect([(await find('b')).keyIds, issuer.requests]).toEqual([['b'], 2]);
    await expect(find('c')).rejects.toMatchObject({ reason: 'unknown_key' });
    expect(issuer.requests).toBe(2);
  });

  it('requests an unknown key immediately, then once per cooldown', async () => {
    keys.start();
    await ids();
    await Promise.all(Array.from({ length: 500 }, () => keys.renewed()));
    expect(issuer.requests).toBe(2);
    await jest.advanceTimersByTimeAsync(COOLDOWN - 1);
    await keys.renewed();
    expect(issuer.requests).toBe(2);
    await jest.advanceTimersByTimeAsync(1);
    await keys.renewed();
    expect(issuer.requests).toBe(3);
  });

  it('requests an unknown key after the cooldown although the clock is set back', async () => {
    keys.start();
    await ids();
    await keys.renewed();
    jest.setSystemTime(Date.now() - 3_600_000);
    await jest.advanceTimersByTimeAsync(COOLDOWN);
    await keys.renewed();
    expect(issuer.requests).toBe(3);
  });

  it('names the cooldown as the time to retry although the clock is set back', async () => {
    issuer.down = true;
    keys.start();
    await ids().catch(() => undefined);
    jest.setSystemTime(Date.now() - 3_600_000);
    await expect(ids()).rejects.toMatchObject({ retryAfter: COOLDOWN / 1_000 });
  });

  it('without keys while the issuer is down, sends one request per cooldown and says when to retry', async () => {
    issuer.down = true;
    keys.start();
    await expect(ids()).rejects.toThrow(IssuerUnavailableError);
    for (let attempt = 0; attempt < 50; attempt++) await ids().catch(() => undefined);
    expect(issuer.requests).toBe(1);
    await jest.advanceTimersByTimeAsync(4_000);
    await expect(ids()).rejects.toMatchObject({ retryAfter: 6 });
    issuer.down = false;
    await jest.advanceTimersByTimeAsync(6_000);
    expect(await ids()).toEqual(['a']);
    expect(issuer.requests).toBe(2);
  });

  it('serves the last keys while the issuer is down, up to the maximum age', async () => {
    keys.start();
    await ids();
    issuer.down = true;
    await jest.advanceTimersByTimeAsync(MAX_STALE - 1_000);
    expect(await ids()).toEqual(['a']);
    expect(keys.status).toMatchObject({ loaded: true, issuerReachable: false });
    await jest.advanceTimersByTimeAsync(1_000);
    await expect(ids()).rejects.toThrow(IssuerUnavailableError);
    expect(keys.status).toEqual({ loaded: false, issuerReachable: false });
  });

  it('serves the last keys no longer although the clock is set back', async () => {
    keys.start();
    await ids();
    issuer.down = true;
    jest.setSystemTime(Date.now() - MAX_STALE);
    await jest.advanceTimersByTimeAsync(MAX_STALE - 1_000);
    expect(keys.status).toMatchObject({ loaded: true, ageSeconds: MAX_STALE / 1_000 - 1 });
    await jest.advanceTimersByTimeAsync(1_000);
    await expect(ids()).rejects.toThrow(IssuerUnavailableError);
  });

  it('reports an unknown key as unavailable while the issuer is down', async () => {
    keys.start();
    await ids();
    issuer.down = true;
    await expect(keys.renewed()).rejects.toThrow(IssuerUnavailableError);
    expect(await ids()).toEqual(['a']);
  });

  it('times out on an issuer that never responds, and recovers', async () => {
    issuer.hangs = true;
    keys.start();
    const waiting = ids().catch((error: unknown) => error);
    await jest.advanceTimersByTimeAsync(5_000);
    expect(await waiting).toBeInstanceOf(IssuerUnavailableError);
    issuer.hangs = false;
    await jest.advanceTimersByTimeAsync(COOLDOWN);
    expect(await ids()).toEqual(['a']);
  });

  it('refreshes the keys on use when the timer did not run', async () => {
    keys.start();
    await ids();
    jest.setSystemTime(Date.now() + 2 * MAX_AGE);
    issuer.keys = ['b'];
    expect(await ids()).toEqual(['a']);
    await jest.advanceTimersByTimeAsync(0);
    expect(await ids()).toEqual(['b']);
    expect(issuer.requests).toBe(2);
  });

  it('refreshes the keys outside of the request whose token caused the previous refresh', async () => {
    jest.useRealTimers();
    const requests = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const refreshed = new Promise<void>((resolve) => {
      keys = new SigningKeys({
        ...OPTIONS,
        maxAge: 10,
        load: async () => {
          if (seen.push(requests.getStore()) === 2) resolve();
          return { keyIds: ['a'], fingerprint: 'a' };
        },
      });
    });
    await requests.run('request', () => keys.current());
    await refreshed;
    expect(seen).toEqual(['request', undefined]);
  });

  it('sends no extra requests for unknown keys while the issuer is down', async () => {
    keys.start();
    await ids();
    issuer.down = true;
    await jest.advanceTimersByTimeAsync(MAX_AGE);
    for (let attempt = 0; attempt < 50; attempt++) await keys.renewed().catch(() => undefined);
    expect(issuer.requests).toBe(2);
  });

  it('sends no requests after it is stopped', async () => {
    keys.start();
    await ids();
    keys.stop();
    await jest.advanceTimersByTimeAsync(10 * MAX_AGE);
    expect(issuer.requests).toBe(1);
  });
});
