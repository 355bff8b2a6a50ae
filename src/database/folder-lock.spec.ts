import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

import { FolderInUseError, FolderLock } from './folder-lock.js';
import { MACHINE } from './machine.js';

describe('FolderLock', () => {
  let directory: string;
  let folder: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'aerie-lock-'));
    folder = join(directory, 'not', 'yet', 'there');
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('has one holder at a time', async () => {
    const lock = await FolderLock.take(folder);
    await expect(FolderLock.take(folder)).rejects.toThrow(FolderInUseError);
    await expect(FolderLock.take(folder)).rejects.toThrow(`delete ${folder}.lock`);
    await lock.release();
    await (await FolderLock.take(folder)).release();
    expect(existsSync(`${folder}.lock`)).toBe(false);
  });

  it('can be released again after that has failed', async () => {
    const lock = await FolderLock.take(folder);
    rmSync(lock.path);
    mkdirSync(lock.path);
    await expect(lock.release()).rejects.toMatchObject({ code: 'ERR_FS_EISDIR' });
    rmdirSync(lock.path);
    writeFileSync(lock.path, `${process.pid}\n`);
    await lock.release();
    expect(existsSync(lock.path)).toBe(false);
  });

  it('ignores lock files with the ID of a dead process or an invalid ID', async () => {
    const { pid } = spawnSync(process.execPath, ['--version']);
    await (await FolderLock.take(folder)).release();
    for (const left of [`${pid}\n`, '', 'x', '-1']) {
      writeFileSync(`${folder}.lock`, left);
      const lock = await FolderLock.take(folder);
      await expect(FolderLock.take(folder)).rejects.toThrow(FolderInUseError);
      await lock.release();
    }
  });

  it('breaks a lock of a killed process that had the ID of this one, as in a container', async () => {
    await FolderLock.take(folder);
    // Like a new process, this module does not know of the lock.
    jest.resetModules();
    const restarted = await import('./folder-lock.js');
    const lock = await restarted.FolderLock.take(folder);
    await expect(restarted.FolderLock.take(folder)).rejects.toThrow(restarted.FolderInUseError);
    await lock.release();
  });

  it('keeps the lock of a process in another container, whatever its ID', async () => {
    await (await FolderLock.take(folder)).release();
    const { pid: ended } = spawnSync(process.execPath, ['--version']);
    for (const pid of [process.pid, ended]) {
      for (const elsewhere of ['another-host', `another-host ${MACHINE}1`]) {
        writeFileSync(`${folder}.lock`, `${pid} ${elsewhere}\n`);
        await expect(FolderLock.take(folder)).rejects.toThrow(FolderInUseError);
      }
    }
  });

  it('breaks the lock of a dead process on this machine whose host had another name', async () => {
    const { pid: ended } = spawnSync(process.execPath, ['--version']);
    const first = await FolderLock.take(folder);
    const text = readFileSync(first.path, 'utf8').replace(hostname(), 'former-name');
    await first.release();
    writeFileSync(first.path, text.replace(`${process.pid}`, `${ended}`));
    await (await FolderLock.take(folder)).release();
    writeFileSync(first.path, text.replace(`${process.pid}`, `${process.ppid}`));
    await expect(FolderLock.take(folder)).rejects.toThrow(
      `uses ${folder}: process ${process.ppid} on former-name.`,
    );
  });

  it('breaks the lock of a dead process on macOS or Windows whose host had another name', async () => {
    await (await FolderLock.take(folder)).release();
    const { pid: ended } = spawnSync(process.execPath, ['--version']);
    jest.resetModules();
    jest.doMock('./machine.js', () => ({ HOST: 'new-name', MACHINE: undefined, HAS_MACHINES: false }));
    const { FolderLock: Lock, FolderInUseError: InUse } = await import('./folder-lock.js');
    jest.dontMock('./machine.js');
    for (const elsewhere of [`${process.ppid} former-name`, `${ended} container boot/pid:[1]`]) {
      writeFileSync(`${folder}.lock`, elsewhere);
      await expect(Lock.take(folder)).rejects.toThrow(InUse);
    }
    writeFileSync(`${folder}.lock`, `${ended} former-name\n`);
    await (await Lock.take(folder)).release();
  });

  it('breaks the lock of a container that was started again, whose process had the ID of this one', async () => {
    await (await FolderLock.take(folder)).release();
    writeFileSync(`${folder}.lock`, `${process.pid} ${hostname()} former-boot/pid:[1]\n`);
    const lock = await FolderLock.take(folder);
    expect(readFileSync(lock.path, 'utf8')).not.toContain('former-boot');
    await lock.release();
  });

  it('is taken by one of two takers at the same time', async () => {
    const takers = await Promise.allSettled([FolderLock.take(folder), FolderLock.take(folder)]);
    expect(takers.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    for (const taker of takers) if (taker.status === 'fulfilled') await taker.value.release();
  });

  it('breaks a lock that was left behind, also if a process was killed while it did so', async () => {
    const { pid } = spawnSync(process.execPath, ['--version']);
    await (await FolderLock.take(folder)).release();
    writeFileSync(`${folder}.lock`, `${pid}\n`);
    writeFileSync(`${folder}.lock.breaking`, '');
    const lock = await FolderLock.take(folder);
    await lock.release();
    expect(readdirSync(dirname(folder))).toEqual([]);
  });

  it('leaves the lock of a process that was faster to replace one that was left behind', async () => {
    const { pid } = spawnSync(process.execPath, ['--version']);
    await (await FolderLock.take(folder)).release();
    writeFileSync(`${folder}.lock`, `${pid}\n`);
    // Whether the process is alive is asked with the signal 0.
    jest.spyOn(process, 'kill').mockImplementationOnce(() => {
      writeFileSync(`${folder}.lock`, `${process.ppid}\n`);
      throw new Error('ESRCH');
    });
    await expect(FolderLock.take(folder)).rejects.toThrow(FolderInUseError);
    expect(readFileSync(`${folder}.lock`, 'utf8')).toBe(`${process.ppid}\n`);
    expect(readdirSync(dirname(folder))).toEqual([`${basename(folder)}.lock`]);
  });
});
