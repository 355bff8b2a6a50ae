import { once } from 'node:events';
import { createServer } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Logger } from '@nestjs/common';
import type { HttpAdapterHost } from '@nestjs/core';

import type { ProtectedResource } from './auth/protected-resource.js';
import { loadConfiguration } from './config/load-configuration.js';
import { runningServers } from './process/running-servers.js';
import { listen } from './values/listen.js';
import { RunningRecord } from './running-record.js';

describe('RunningRecord', () => {
  const server = createServer();
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'aerie-record-'));
  });
  afterEach(async () => {
    rmSync(directory, { recursive: true });
    server.close();
    await once(server, 'close');
  });

  /** Starts to listen. */
  async function listening(stateDirectory: string): Promise<RunningRecord> {
    const record = new RunningRecord(
      { httpAdapter: { getHttpServer: () => server } } as HttpAdapterHost,
      { signInScopes: ['read'], grantableScopes: ['read', 'write'] } as unknown as ProtectedResource,
      loadConfiguration({ NODE_ENV: 'development', STATE_DIRECTORY: stateDirectory }),
    );
    record.onApplicationBootstrap();
    await listen(server, 'localhost');
    return record;
  }

  it('records the server from when it listens until its shutdown', async () => {
    const record = await listening(directory);
    const scopes = { signIn: ['read'], known: ['read', 'write'] };
    expect(await runningServers(directory)).toMatchObject([{ pid: process.pid, issuerPort: 3003, scopes }]);
    record.onApplicationShutdown();
    expect(await runningServers(directory)).toEqual([]);
  });

  it('keeps the server running if the directory was removed', async () => {
    const warn = jest.spyOn(Logger.prototype, 'warn').mockReturnValue();
    const record = await listening(join(directory, 'removed'));
    expect(warn).toHaveBeenCalledWith(expect.stringContaining('cannot be written (ENOENT)'));
    expect(() => record.onApplicationShutdown()).not.toThrow();
  });
});
