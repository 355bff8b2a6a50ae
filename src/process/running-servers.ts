import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';

import { z } from 'zod';

import { isAlive } from '../values/is-alive.js';

const runningServer = z.object({
  pid: z.int().positive(),
  /** Port of the server. */
  port: z.int(),
  /** URL of the endpoint. */
  url: z.string(),
  resourceId: z.string(),
  issuerPort: z.int(),
  scopes: z.object({
    /** Scopes that a first sign-in requests. */
    signIn: z.array(z.string()).readonly(),
    /** All scopes, including those of secret tools. */
    known: z.array(z.string()).readonly(),
  }),
});

/** Server with an embedded issuer that runs from a state directory. */
export type RunningServer = Readonly<z.infer<typeof runningServer>>;

const FILE = /^running-\d+\.json$/;
const CONNECT_TIMEOUT_MS = 1_000;

/**
 * Records this process in the state directory, for commands in other terminals, until it ends.
 *
 * @returns a function that removes the record earlier
 */
export function recordRunningServer(directory: string, server: Omit<RunningServer, 'pid'>): () => void {
  const { pid } = process;
  const path = join(directory, `running-${pid}.json`);
  writeFileSync(path, JSON.stringify({ ...server, pid }), { mode: 0o600 });
  const remove = (): void => {
    rmSync(path, { force: true });
    process.removeListener('exit', remove);
  };
  process.once('exit', remove);
  return remove;
}

/** Finds the servers that run from a state directory. Removes the records of processes that were killed. */
export async function runningServers(directory: string): Promise<RunningServer[]> {
  const found: RunningServer[] = [];
  for (const name of namesIn(directory)) {
    const path = join(directory, name);
    const server = readRecord(path);
    if (!server || !isAlive(server.pid)) rmSync(path, { force: true });
    // Another process may have the number of one that was killed.
    else if (await isListening(server.port)) found.push(server);
  }
  return found;
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory).filter((name) => FILE.test(name));
  } catch {
    return []; // nothing has run here
  }
}

function readRecord(path: string): RunningServer | undefined {
  try {
    return runningServer.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return undefined;
  }
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: 'localhost', timeout: CONNECT_TIMEOUT_MS });
    const end = (result: boolean) => (): void => {
      socket.destroy();
      resolve(result);
    };
    socket.once('connect', end(true)).once('error', end(false)).once('timeout', end(false));
  });
}
