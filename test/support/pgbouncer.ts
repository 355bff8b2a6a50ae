import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { Client } from 'pg';

import { freePort } from './ports.js';
import type { PostgresServer } from './postgres.js';
import { onPath } from './servers/programs.js';
import { until } from './until.js';

const ADMINISTRATOR = 'administrator';

/** PgBouncer in transaction mode, with two connections to PostgreSQL for each role. */
export interface PgBouncer {
  /** Changes a connection string of PostgreSQL so that it leads to PgBouncer. */
  through(url: string): string;
  /** Runs a command of its console, such as `pause`. */
  command(text: string): Promise<void>;
  /** Ends the process at once. */
  stop(): Promise<void>;
  /** Starts it again on the same port. */
  start(): Promise<void>;
}

/**
 * @param urls connection strings of the roles that it accepts
 * @returns undefined if PgBouncer is not installed
 */
export async function startPgBouncer(
  { folder }: PostgresServer,
  urls: readonly string[],
): Promise<PgBouncer | undefined> {
  const programs = onPath('pgbouncer');
  if (programs === undefined) return undefined;
  const port = await freePort();
  const roles = urls.map((url) => new URL(url));
  const users = join(folder, 'pgbouncer.users');
  const passwords = roles.map(({ username, password }) => `"${username}" "${password}"\n`);
  writeFileSync(users, [...passwords, `"${ADMINISTRATOR}" "${ADMINISTRATOR}"\n`].join(''));
  const settings = {
    listen_addr: '127.0.0.1',
    listen_port: port,
    unix_socket_dir: '',
    auth_type: 'scram-sha-256',
    auth_file: users,
    admin_users: ADMINISTRATOR,
    pool_mode: 'transaction',
    default_pool_size: 2,
    server_reset_query_always: 1,
    server_login_retry: 1,
    ...(process.getuid?.() === 0 && { user: 'nobody' }), // PgBouncer refuses to run as root
  };
  const file = join(folder, 'pgbouncer.ini');
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}\n`);
  const databases = `[databases]\n* = host=127.0.0.1 port=${roles[0]?.port}\n`;
  writeFileSync(file, `${databases}[pgbouncer]\n${lines.join('')}`);

  let running: ChildProcess | undefined;
  const command = async (text: string): Promise<void> => {
    const client = new Client(`postgresql://${ADMINISTRATOR}:${ADMINISTRATOR}@127.0.0.1:${port}/pgbouncer`);
    client.on('error', () => undefined);
    await client.connect();
    try {
      await client.query(text);
    } finally {
      await client.end();
    }
  };
  const pgBouncer: PgBouncer = {
    through: (url) => {
      const changed = new URL(url);
      changed.port = `${port}`;
      return changed.href;
    },
    command,
    stop: async () => {
      if (!running || running.exitCode !== null || running.signalCode !== null) return;
      running.kill('SIGKILL');
      await once(running, 'exit');
    },
    start: async () => {
      running = spawn(join(programs, 'pgbouncer'), [file], { stdio: 'ignore' });
      await until(() =>
        command('show version').then(
          () => true,
          () => false,
        ),
      );
    },
  };
  await pgBouncer.start();
  return pgBouncer;
}
