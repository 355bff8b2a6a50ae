import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ageOf, breakLock } from './break-lock.js';

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

  it('does nothing while another process breaks it, unless that was killed', async () => {
    const guard = `${lock}.breaking`;
    writeFileSync(guard, '');
    await breakLock(lock, stale);
    expect(existsSync(lock)).toBe(true);
    const longAgo = Date.now() / 1000 - 60;
    utimesSync(guard, longAgo, longAgo);
    await breakLock(lock, stale);
    await breakLock(lock, stale);
    expect(readdirSync(directory)).toEqual([]);
  });

  it('leaves no guard behind when it fails', async () => {
    await expect(breakLock(lock, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(readdirSync(directory)).toEqual(['lock']);
  });
});

describe('ageOf', () => {
  it('is 0 for a file that does not exist', async () => {
    expect(await ageOf('/does/not/exist')).toBe(0);
  });
});
