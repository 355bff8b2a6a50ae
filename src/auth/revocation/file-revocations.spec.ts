import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { FileRevocations } from './file-revocations.js';
import { revoke } from './revocation.js';
import { parseDocument, UnreadableRevocationsError, withRevocations } from './revocation-document.js';
import { changeDocument } from './revocation-storage.js';

describe('FileRevocations', () => {
  let root: string;
  let directory: string;
  let storage: FileRevocations;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'aerie-'));
    directory = join(root, 'state');
    storage = new FileRevocations(directory);
  });
  afterEach(() => {
    storage.close();
    rmSync(root, { recursive: true, force: true });
  });

  const add = (id: string): Promise<unknown> =>
    changeDocument(new FileRevocations(directory), (document) =>
      withRevocations(document, [revoke({ what: 'subject', id }, { maxTokenLifetime: 60_000 })]),
    );

  it('creates nothing until something is revoked', async () => {
    expect(await storage.read()).toBeUndefined();
    expect(existsSync(directory)).toBe(false);
  });

  it('writes a file that only its owner can read, and leaves nothing else behind', async () => {
    await add('a');
    expect(readdirSync(directory)).toEqual(['revocations.json']);
    expect(statSync(storage.place).mode & 0o777).toBe(0o600);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    chmodSync(storage.place, 0o644);
    await add('b');
    expect(statSync(storage.place).mode & 0o777).toBe(0o600);
  });

  it('replaces the text only if it is unchanged', async () => {
    expect(await storage.replace(undefined, 'one')).toBe(true);
    expect(await storage.replace(undefined, 'two')).toBe(false);
    expect(await storage.replace('one', 'two')).toBe(true);
    expect(await storage.read()).toBe('two');
  });

  it('loses no change of concurrent writers', async () => {
    const ids = Array.from({ length: 12 }, (_, index) => `usr_${index}`);
    await Promise.all(ids.map(add));
    const { revocations } = parseDocument(await storage.read());
    expect(new Set(revocations.map(({ id }) => id))).toEqual(new Set(ids));
  });

  it('waits for an active writer and breaks the lock of a killed one', async () => {
    await add('a');
    const lock = join(directory, '.revocations.lock');
    writeFileSync(lock, '');
    const before = await storage.read();
    expect(await storage.replace(before, 'new')).toBe(false);
    const longAgo = Date.now() / 1000 - 60;
    utimesSync(lock, longAgo, longAgo);
    await add('b');
    expect(parseDocument(await storage.read()).revocations).toHaveLength(2);
  });

  it('breaks a lock from before the clock was set back', async () => {
    await add('a');
    const lock = join(directory, '.revocations.lock');
    writeFileSync(lock, '');
    const inAnHour = Date.now() / 1000 + 3_600;
    utimesSync(lock, inAnHour, inAnHour);
    await add('b');
    expect(parseDocument(await storage.read()).revocations).toHaveLength(2);
  });

  it('writes nothing, and leaves the lock, if another process has broken its lock meanwhile', async () => {
    await add('a');
    const before = await storage.read();
    const lock = join(directory, '.revocations.lock');
    jest.spyOn(storage, 'read').mockImplementationOnce(() => {
      writeFileSync(lock, 'another process');
      return Promise.resolve(before);
    });
    expect(await storage.replace(before, 'new')).toBe(false);
    expect(await storage.read()).toBe(before);
    expect(readFileSync(lock, 'utf8')).toBe('another process');
  });

  it('does not treat an unreadable file as missing', async () => {
    rmSync(root, { recursive: true, force: true });
    writeFileSync(root, 'a file where the folder should be');
    await expect(storage.read()).rejects.toThrow(UnreadableRevocationsError);
    rmSync(root);
  });

  it('notices a change by another process', async () => {
    const changes: number[] = [];
    storage.watch({
      onChange: () => changes.push(Date.now()),
      onOffer: () => undefined,
      onQuestion: () => Promise.resolve(undefined),
    });
    await add('a');
    const noticed = async (count: number): Promise<void> => {
      for (let attempt = 0; attempt < 100 && changes.length < count; attempt++) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      expect(changes.length).toBeGreaterThanOrEqual(count);
    };
    await noticed(1);
    const seen = changes.length;
    await new Promise((resolve) => setTimeout(resolve, 600));
    await add('b');
    await noticed(seen + 1);
  });
});
