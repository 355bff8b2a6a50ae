import { mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { followFile } from './follow-file.js';

describe('followFile', () => {
  let directory: string;
  let path: string;
  let changes: number;
  let unfollow: () => void;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'aerie-follow-'));
    path = join(directory, 'file');
    changes = 0;
    unfollow = () => {};
  });
  afterEach(() => {
    unfollow();
    rmSync(directory, { recursive: true });
  });

  async function changesAfter(change: () => void): Promise<number> {
    changes = 0;
    change();
    await pause(700);
    return changes;
  }
  const follow = (): void => {
    unfollow = followFile(path, () => changes++);
  };

  it('reports the initial file, new content, a replaced file and removal', async () => {
    writeFileSync(path, 'a');
    expect(await changesAfter(follow)).toBe(1);
    expect(await changesAfter(() => {})).toBe(0);
    expect(await changesAfter(() => writeFileSync(path, 'b'))).toBe(1);
    const other = join(directory, 'other');
    expect(
      await changesAfter(() => {
        writeFileSync(other, 'b');
        renameSync(other, path);
      }),
    ).toBe(1);
    expect(await changesAfter(() => unlinkSync(path))).toBe(1);
    expect(await changesAfter(() => writeFileSync(path, 'b'))).toBe(1);
    unfollow();
    expect(await changesAfter(() => writeFileSync(path, 'later'))).toBe(0);
  });

  it('reports a changed symbolic link in the path, as when Kubernetes updates a mounted file', async () => {
    for (const version of ['1', '2']) {
      mkdirSync(join(directory, version));
      writeFileSync(join(directory, version, 'file'), 'same');
    }
    symlinkSync('1', join(directory, '..data'));
    symlinkSync(join('..data', 'file'), path);
    expect(await changesAfter(follow)).toBe(1);
    symlinkSync('2', join(directory, '..data_tmp'));
    expect(
      await changesAfter(() => renameSync(join(directory, '..data_tmp'), join(directory, '..data'))),
    ).toBe(1);
  });
});
