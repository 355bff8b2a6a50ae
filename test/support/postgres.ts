import { execFileSync, spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Client } from 'pg';

import { copyCached } from './cached-folder.js';
import { freePort } from './ports.js';

const START_TIMEOUT_MS = 30_000;

/** Real PostgreSQL server with its own directory and port. */
export interface PostgresServer {
  /** A connection string for a role of this server. */
  url(role: string, database?: string): string;
  /** Runs statements as the superuser. */
  run<Row extends object>(statements: string, database?: string): Promise<Row[]>;
  /** A fresh database, and its two roles: the application's and the schema's owner. */
  createDatabase(): Promise<{ name: string; application: string; owner: string }>;
  /** Process ID; undefined while the server is stopped. */
  readonly pid: number | undefined;
  /** Directory with its own data and socket. */
  readonly folder: string;
  /** Ends the process at once. */
  stop(): Promise<void>;
  /** Starts it again on the same port with its data. */
  start(): Promise<void>;
  /** Ends it and removes its folder. */
  remove(): Promise<void>;
}

/** Creates the roles of docs/database.md, whose passwords equal their names. */
const rolesOf = (name: string): string => `
  create role ${name}_owner login password '${name}_owner';
  create role ${name}_application login password '${name}_application';
  create database ${name} owner ${name}_owner;
  revoke all on database ${name} from public;
  grant connect on database ${name} to ${name}_application`;

export async function startPostgres(): Promise<PostgresServer> {
  const port = await freePort();
  const user = unprivilegedUser();
  const folder = ownFolder(user);
  const data = join(folder, 'data');
  await copyData(data, user);
  const options = optionsIn(folder, user);
  let running: ChildProcess | undefined;
  let databases = 0;

  const socket = (database = 'postgres'): object => ({ host: folder, port, user: 'postgres', database });
  const connected = async <Outcome>(
    database: string | undefined,
    work: (client: Client) => Promise<Outcome>,
  ): Promise<Outcome> => {
    const client = new Client(socket(database));
    client.on('error', () => undefined);
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  };
  const run = <Row extends object>(statements: string, database?: string): Promise<Row[]> =>
    connected(database, async (client) => (await client.query<Row>(statements)).rows);
  const answers = async (): Promise<void> => {
    for (const end = performance.now() + START_TIMEOUT_MS; performance.now() < end;) {
      if (await run('select 1').then(Boolean, () => false)) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error('PostgreSQL does not answer.');
  };
  const server: PostgresServer = {
    url: (role, database = 'postgres') => `postgresql://${role}:${role}@127.0.0.1:${port}/${database}`,
    run,
    folder,
    get pid() {
      return running?.pid;
    },
    createDatabase: async () => {
      const name = `test_${++databases}`;
      await connected(undefined, async (client) => {
        for (const statement of rolesOf(name).split(';')) await client.query(statement);
      });
      return {
        name,
        application: server.url(`${name}_application`, name),
        owner: server.url(`${name}_owner`, name),
      };
    },
    start: async () => {
      const settings = { listen_addresses: '127.0.0.1', port, unix_socket_directories: folder, fsync: 'off' };
      const parameters = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
      running = spawn('postgres', ['-D', data, ...parameters], options);
      const ended = once(running, 'exit').then(([code]) => {
        throw new Error(`postgres ended with ${code}.`);
      });
      ended.catch(() => undefined);
      await Promise.race([answers(), ended]);
    },
    stop: async () => {
      if (!running || running.exitCode !== null || running.signalCode !== null) return;
      running.kill('SIGQUIT'); // immediate shutdown: connections break
      await once(running, 'exit');
    },
    remove: async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await server.start();
  return server;
}

/** Creates a folder of the user that PostgreSQL runs as. */
function ownFolder(user: User | undefined): string {
  const folder = mkdtempSync(join(tmpdir(), 'aerie-postgres-'));
  if (user) chownSync(folder, user.uid, user.gid);
  return folder;
}

/** Options of a program of PostgreSQL. */
const optionsIn = (folder: string, user: User | undefined): SpawnOptions => ({
  cwd: folder,
  env: { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8', HOME: folder },
  stdio: 'ignore',
  ...user,
});

/** Writes the data of a new server. A copy takes a tenth of the CPU time of initdb. */
async function copyData(data: string, user: User | undefined): Promise<void> {
  const version = execFileSync('initdb', ['--version'])
    .toString()
    .replaceAll(/[^\w.]+/g, '-');
  await copyCached(version, data, (empty) => initialize(empty, user));
  chmodSync(data, 0o700); // PostgreSQL requires it
  if (user) execFileSync('chown', ['-R', `${user.uid}:${user.gid}`, data]);
}

function initialize(empty: string, user: User | undefined): void {
  const folder = ownFolder(user); // the user may not reach the other one
  const data = join(folder, 'data');
  const passwords = ['--auth-host', 'scram-sha-256', '--auth-local', 'trust', '--no-sync'];
  execFileSync('initdb', ['-D', data, '-U', 'postgres', ...passwords], {
    ...optionsIn(folder, user),
    stdio: 'pipe',
  });
  cpSync(data, empty, { recursive: true });
  rmSync(folder, { recursive: true });
}

interface User {
  readonly uid: number;
  readonly gid: number;
}

/** PostgreSQL refuses to run as root. */
function unprivilegedUser(): User | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const idOf = (flag: string): number => Number(execFileSync('id', [flag, 'nobody']).toString());
  return { uid: idOf('-u'), gid: idOf('-g') };
}
