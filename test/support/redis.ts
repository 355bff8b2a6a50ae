import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';

import { loadConfiguration } from '../../src/config/load-configuration.js';
import type { RedisSettings } from '../../src/config/sections/redis.js';
import { freePort } from './ports.js';

const START_TIMEOUT_MS = 30_000;

/** Real Redis server without persistence, on its own port. */
export interface RedisServer {
  readonly url: string;
  /** Process ID; undefined while the server is stopped. */
  readonly pid: number | undefined;
  /** Ends the process and loses its data. */
  stop(): Promise<void>;
  /** Starts it again on the same port. */
  start(): Promise<void>;
}

/** Settings of a connection, as variables determine them. */
export function redisSettings(url: string, further: NodeJS.ProcessEnv = {}): RedisSettings {
  const { redis } = loadConfiguration({ REDIS_URL: url, ...further });
  if (!redis) throw new Error('The variables name no Redis.');
  return redis;
}

export async function startRedis(): Promise<RedisServer> {
  const port = await freePort();
  const parameters = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  let process: ChildProcess | undefined;
  const server: RedisServer = {
    url: `redis://127.0.0.1:${port}`,
    get pid() {
      return process?.pid;
    },
    start: async () => {
      process = spawn('redis-server', parameters, { stdio: 'ignore' });
      const failure = failureOf(process);
      failure.catch(() => undefined); // it also ends when the test stops it
      await Promise.race([answersAt(port), failure]);
    },
    stop: async () => {
      if (!process || process.exitCode !== null || process.signalCode !== null) return;
      process.kill('SIGTERM'); // unlike SIGKILL, also reaches a server in a container
      await once(process, 'exit');
    },
  };
  await server.start();
  return server;
}

/** Rejects if the process cannot start or ends. */
async function failureOf(process: ChildProcess): Promise<never> {
  const [code] = (await once(process, 'exit')) as [number | null];
  throw new Error(`redis-server ended with ${code}.`);
}

async function answersAt(port: number): Promise<void> {
  for (const end = performance.now() + START_TIMEOUT_MS; performance.now() < end;) {
    if (await ping(port)) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('redis-server does not answer.');
}

/** A connection alone proves nothing: a container engine accepts it before the server does. */
async function ping(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    socket.write('PING\r\n');
    const [answer] = (await Promise.race([once(socket, 'data'), once(socket, 'close')])) as [unknown];
    return String(answer).startsWith('+PONG');
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
