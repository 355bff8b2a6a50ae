import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

import { Logger } from '@nestjs/common';

import { prepareDatabase } from '../../test/support/prepared-database.js';
import { until } from '../../test/support/until.js';
import { loadConfiguration } from '../config/load-configuration.js';
import { Reloads } from '../config/reloads.js';
import { Database } from './database.js';

it('the embedded database is opened again after its thread has ended', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'aerie-'));
  await prepareDatabase(join(directory, 'database'));
  const error = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => {});
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
    await thread.terminate();
    await until(() => error.mock.calls.length > 0);
    expect(error).toHaveBeenCalledWith('The embedded database has ended. The next call opens it again.');
    expect(await list()).toEqual([]);
  } finally {
    await database.onApplicationShutdown();
    rmSync(directory, { recursive: true });
  }
  expect(error).toHaveBeenCalledTimes(1);
}, 60_000);
