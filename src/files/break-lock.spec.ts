import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { breakLock, isLeftBehind } from './break-lock.js';

describe('breakLock', () => {
  let directory: string;
  let lock: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'aerie-break-'));
    lock = join(directory, 'lock');
    writeFileSync(lock, 'somebody');
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const stale = (): Promise<boolean> => Promise.resolve(true);

  it('removes a lock that was left behind, and nothing else remains', async () => {
    await breakLock(lock, stale);
    expect(readdirSync(directory)).toEqual([]);
  });

  it('leaves a lock that another process has replaced meanwhile', async () => {
    await breakLock(lock, () => Promise.resolve(false));
    expect(readdirSync(directory)).toEqual(['lock']);
  });

  it.each([
    ['that was killed', -60],
    ['its guard is from before the clock was set back', 3_600],
  ])('does nothing while another process breaks it, unless %s', async (_what, seconds) => {
    const guard = `${lock}.breaking`;
    writeFileSync(guard, '');
    await breakLock(lock, stale);
    expect(existsSync(lock)).toBe(true);
    const time = Date.now() / 1000 + seconds;
    utimesSync(guard, time, time);
    await breakLock(lock, stale);
    await breakLock(lock, stale);
    expect(readdirSync(directory)).toEqual([]);
  });

  it('leaves no guard behind when it fails', async () => {
    await expect(breakLock(lock, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(readdirSync(directory)).toEqual(['lock']);
  });
});

describe('isLeftBehind', () => {
  it('is false for a file that does not exist', async () => {
    expect(await isLeftBehind('/does/not/exist', 0)).toBe(false);
  });
});
