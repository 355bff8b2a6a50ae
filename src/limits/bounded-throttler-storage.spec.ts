import { BoundedThrottlerStorage } from './bounded-throttler-storage.js';

const TTL_MS = 60_000;
const LIMIT = 20;

describe('BoundedThrottlerStorage', () => {
  let storage: BoundedThrottlerStorage;
  const hit = (key: string, limit = LIMIT, ttl = TTL_MS): ReturnType<BoundedThrottlerStorage['increment']> =>
    storage.increment(key, ttl, limit);
  const isBlocked = async (key: string, limit?: number): Promise<boolean> =>
    (await hit(key, limit)).isBlocked;
  const hitEach = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) await hit(`address ${i}`);
  };
  const block = async (key: string): Promise<void> => {
    for (let i = 0; i < 2 * LIMIT; i++) await hit(key);
  };
  beforeEach(() => {
    jest.useFakeTimers();
    storage = new BoundedThrottlerStorage(10);
  });
  afterEach(() => void jest.useRealTimers());

  it('blocks an address beyond the limit until the window ends', async () => {
    for (let i = 0; i < LIMIT; i++) expect(await isBlocked('a')).toBe(false);
    jest.advanceTimersByTime(TTL_MS / 2);
    const blocked = { totalHits: LIMIT + 1, isBlocked: true, timeToExpire: 30, timeToBlockExpire: 30 };
    expect(await hit('a')).toEqual(blocked);
    expect(await hit('a')).toEqual(blocked);
    expect(await isBlocked('b')).toBe(false);
    jest.advanceTimersByTime(TTL_MS / 2);
    expect(await hit('a')).toMatchObject({ totalHits: 1, isBlocked: false, timeToBlockExpire: 0 });
  });

  it('blocks an address no longer although the clock of the system is set back', async () => {
    await block('a');
    jest.setSystemTime(Date.now() - 86_400_000);
    expect(await hit('a')).toMatchObject({ isBlocked: true, timeToBlockExpire: 60 });
    jest.advanceTimersByTime(TTL_MS);
    expect(await isBlocked('a')).toBe(false);
  });

  it('unblocks an address when the limit is raised', async () => {
    await block('a');
    expect(await isBlocked('a', LIMIT + 2)).toBe(false);
  });

  it('counts all addresses beyond the maximum as one', async () => {
    await hitEach(50);
    expect(storage.size).toBe(11);
    expect(await isBlocked('address 1')).toBe(false);
    expect(await isBlocked('address 60')).toBe(true);
  });

  it('has room for other addresses once windows have ended, although the clock is set back', async () => {
    await hitEach(50);
    jest.setSystemTime(Date.now() - 86_400_000);
    jest.advanceTimersByTime(TTL_MS);
    expect(await isBlocked('address 60')).toBe(false);
    expect(storage.size).toBe(1);
  });

  it('has room for other addresses once windows have ended, although a longer one began before them', async () => {
    await hit('a', LIMIT, 60 * TTL_MS);
    for (let i = 0; i < 50; i++) await hit(`address ${i}`, LIMIT, 1_000);
    expect(await isBlocked('address 60')).toBe(true);
    jest.advanceTimersByTime(1_000);
    expect(await isBlocked('address 60')).toBe(false);
    expect(storage.size).toBe(2);
  });
});
