import { mkdirSync, mkdtempSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

import { Logger } from '@nestjs/common';

import { prepareDatabase } from '../../test/support/prepared-database.js';
import { until } from '../../test/support/until.js';
import { loadConfiguration } from '../config/load-configuration.js';
import { Reloads } from '../config/reloads.js';
import { Database } from './database.js';

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
