import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { recordRunningServer, runningServers } from './running-servers.js';

describe('runningServers', () => {
  let directory: string;
  let listener: Server;
  let server: Parameters<typeof recordRunningServer>[1];
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'aerie-running-'));
    listener = createServer((socket) => socket.destroy()).listen(0, 'localhost');
    await once(listener, 'listening');
    const { port } = listener.address() as AddressInfo;
    const scopes = { signIn: ['read'], known: ['read', 'write'] };
    server = { port, url: `http://localhost:${port}/mcp`, resourceId: 'res_1', issuerPort: 3003, scopes };
  });
  afterEach(() => {
    listener.close();
    rmSync(directory, { recursive: true });
  });
  const write = (name: string, content: object): void =>
    writeFileSync(join(directory, name), JSON.stringify(content));
  /** Number of a process that has ended. */
  const deadPid = (): number => spawnSync(process.execPath, ['--version']).pid;

  it('finds a recorded server until its process ends', async () => {
    const before = process.listeners('exit');
    recordRunningServer(directory, server);
    expect(await runningServers(directory)).toEqual([{ ...server, pid: process.pid }]);
    const [remove] = process.listeners('exit').filter((listening) => !before.includes(listening));
    remove?.(0);
    expect(readdirSync(directory)).toEqual([]);
    expect(await runningServers(directory)).toEqual([]);
  });

  it('finds nothing in a directory that does not exist', async () => {
    expect(await runningServers(join(directory, 'none'))).toEqual([]);
  });

  it('removes the record of a process that was killed, and an invalid one', async () => {
    const pid = deadPid();
    write(`running-${pid}.json`, { ...server, pid });
    write('running-1.json', { pid: 1 });
    write('signing-key.json', {});
    expect(await runningServers(directory)).toEqual([]);
    expect(readdirSync(directory)).toEqual(['signing-key.json']);
  });

  it('ignores a process that has the number of a killed one but does not listen', async () => {
    listener.close();
    await once(listener, 'close');
    write(`running-${process.pid}.json`, { ...server, pid: process.pid });
    expect(await runningServers(directory)).toEqual([]);
    expect(existsSync(join(directory, `running-${process.pid}.json`))).toBe(true);
  });
});
