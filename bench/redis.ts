import { spawn } from 'node:child_process';
import { join } from 'node:path';

import { Redis } from 'ioredis';

import { provideRedis } from '../test/support/servers/redis-program.js';
import { atExit } from './at-exit.js';
import { freePort } from '../src/values/listen.js';
import { repository } from './paths.js';

/** Commands that only the scripts of Aerie run, inside Redis. */
const INSIDE_SCRIPTS = new Set(['hmget', 'hset', 'pttl', 'pexpire']);

/** Redis of a benchmark, on the core of the load. */
export interface BenchRedis {
  readonly url: string;
  /** Number of commands that servers have sent so far, each of them a round trip. */
  commands(): Promise<number>;
}

/**
 * Starts the Redis of the tests, without persistence, until this process exits.
 *
 * @throws {Error} if it does not start
 */
export async function startRedis(): Promise<BenchRedis> {
  const port = await freePort();
  const program = join(provideRedis(join(repository, '.cache', 'test-servers')), 'redis-server');
  const server = spawn(program, ['--port', `${port}`, '--bind', '127.0.0.1', '--save', ''], {
    stdio: 'ignore',
  });
  atExit(() => server.kill('SIGKILL'));
  const failure = new Promise<never>((_resolve, reject) => {
    server.once('error', reject);
    server.once('exit', (code) => reject(new Error(`redis-server ended with ${code}.`)));
  });
  failure.catch(() => undefined); // it also ends when the run stops it
  const url = `redis://127.0.0.1:${port}`;
  const client = new Redis(url, { retryStrategy: () => 20, maxRetriesPerRequest: null });
  client.on('error', () => undefined); // until the server listens
  try {
    await Promise.race([client.ping(), failure]);
  } catch (error) {
    client.disconnect();
    throw error;
  }
  return {
    url,
    commands: async () => sentCommands(await client.info('commandstats')),
  };
}

/** Sums the calls of all commands but `INFO`, which only the benchmark sends. */
function sentCommands(statistics: string): number {
  let sum = 0;
  for (const [, name = '', calls] of statistics.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)) {
    if (name !== 'info' && !INSIDE_SCRIPTS.has(name)) sum += Number(calls);
  }
  return sum;
}
