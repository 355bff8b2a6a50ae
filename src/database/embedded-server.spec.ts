import { existsSync, mkdirSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

import { Logger } from '@nestjs/common';

import { prepareDatabase } from '../../test/support/prepared-database.js';
import { until } from '../../test/support/until.js';
import { loadConfiguration } from '../config/load-configuration.js';
import { Reloads } from '../config/reloads.js';
import { Database } from './database.js';
import { EmbeddedServer } from './embedded-server.js';
import { FolderInUseError } from './folder-lock.js';

const ENDED = 'The embedded database has ended. The next call opens it again.';

it.each([
  ['is removed', false],
  ['could not be removed', true],
])(
  'the embedded database is opened again after its thread has ended and its lock %s',
  async (_what, isStuck) => {
    const directory = mkdtempSync(join(tmpdir(), 'aerie-'));
    const lock = join(directory, 'database.lock');
    await prepareDatabase(join(directory, 'database'));
    const error = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => {});
    const messages = (): unknown[] => error.mock.calls.map(([message]) => message);
    const post = jest.spyOn(Worker.prototype, 'postMessage');
    const database = new Database(loadConfiguration({ STATE_DIRECTORY: directory }), new Reloads());
    const list = (): Promise<unknown[]> =>
      database.read(
        'org_acme',
        { signal: new AbortController().signal, deadline: performance.now() + 60_000 },
        (tables) => tables.selectFrom('todos').select('title'),
      );
    try {
      expect(await list()).toEqual([]);
      const [thread] = post.mock.contexts;
      if (!(thread instanceof Worker)) throw new Error('No thread runs.');
      if (isStuck) {
        rmSync(lock);
        mkdirSync(lock);
      }
      await thread.terminate();
      await until(() => messages().includes(ENDED));
      if (isStuck) rmdirSync(lock);
      expect(await list()).toEqual([]);
    } finally {
      await database.onApplicationShutdown();
      rmSync(directory, { recursive: true });
    }
    const unremoved = `${lock} could not be removed (ERR_FS_EISDIR). Delete it.`;
    expect(messages()).toEqual(isStuck ? [unremoved, ENDED] : [ENDED]);
  },
  60_000,
);

it('the log says once how to use the folder of another process', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'aerie-'));
  writeFileSync(join(directory, 'database.lock'), `${process.ppid}\n`);
  const error = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => {});
  const database = new Database(loadConfiguration({ STATE_DIRECTORY: directory }), new Reloads());
  const call = { signal: new AbortController().signal, deadline: performance.now() + 60_000 };
  try {
    database.openAhead();
    for (let attempt = 0; attempt < 2; attempt++) {
      const reading = database.read('org_acme', call, (tables) => tables.selectFrom('todos').select('title'));
      await expect(reading).rejects.toThrow(FolderInUseError);
    }
    expect(error.mock.calls.map(([message]) => message)).toEqual([
      expect.stringMatching(/^Another process uses .*Stop that process, or set STATE_DIRECTORY/),
    ]);
  } finally {
    await database.onApplicationShutdown();
    rmSync(directory, { recursive: true });
  }
});

it('closes the embedded database before its first query too, and keeps its lock until then', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'aerie-'));
  const folder = join(directory, 'database');
  await prepareDatabase(folder);
  const post = jest.spyOn(Worker.prototype, 'postMessage');
  const terminate = jest.spyOn(Worker.prototype, 'terminate');
  const onExit = jest.fn();
  try {
    const server = await EmbeddedServer.open(folder, onExit);
    const [thread] = post.mock.contexts;
    if (!(thread instanceof Worker)) throw new Error('No thread runs.');
    const isLocked: boolean[] = [];
    thread.on('exit', () => isLocked.push(existsSync(`${folder}.lock`)));
    post.mockClear();
    await server.close();
    expect(isLocked).toEqual([true]);
    expect(existsSync(`${folder}.lock`)).toBe(false);
    // PGlite has closed its files before the thread was ended.
    expect(post).toHaveBeenCalledWith(expect.objectContaining({ sql: undefined }), []);
    expect(terminate).toHaveBeenCalledTimes(1);
    await until(() => onExit.mock.calls.length === 1);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
