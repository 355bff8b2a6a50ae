import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { BuiltApplication, DIST } from './support/built-application.js';
import { freePort } from './support/ports.js';
import { type RedisServer, startRedis } from './support/redis.js';
import { until } from './support/until.js';

const PRODUCTION = {
  NODE_ENV: 'production',
  HOST: '127.0.0.1',
  SK_ENV_URL: 'https://localhost:1',
  MCP_SERVER_ID: 'res_1',
  RESOURCE_URL: 'https://mcp.example.com/mcp',
};
/** Time until the memory reducer decides first: 8 s after a full collection, which takes a few seconds to come. */
const DECIDES_WITHIN_MS = 40_000;

describe('the memory reducer of V8', () => {
  let directory: string;
  let redis: RedisServer;
  const running: BuiltApplication[] = [];
  let servers: Record<string, BuiltApplication> = {};
  // All at the same time, since each test waits until the memory reducer decides.
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'aerie-'));
    redis = await startRedis();
    const main = [join(DIST, 'main.js')];
    const withRedis = { REDIS_URL: redis.url };
    const started = {
      'main.js': start(main),
      'aerie-mcp start': start([join(DIST, 'cli/main.js'), 'start']),
      'one process with Redis': start(main, withRedis),
      workers: start(main, { ...withRedis, WORKERS: '3' }),
      'as wanted': start(['--gc-memory-reducer-start-delay-ms=500', ...main]),
    };
    servers = Object.fromEntries(
      await Promise.all(Object.entries(started).map(async ([name, server]) => [name, await server] as const)),
    );
  });
  afterAll(async () => {
    await Promise.all(running.map((application) => application.kill()));
    await redis?.stop();
    rmSync(directory, { recursive: true });
  });

  async function start(
    parameters: readonly string[],
    environment: NodeJS.ProcessEnv = {},
  ): Promise<BuiltApplication> {
    const port = String(await freePort());
    const application = BuiltApplication.start(directory, { ...PRODUCTION, ...environment, PORT: port }, [
      '--trace-gc',
      '--trace-memory-reducer',
      ...parameters,
    ]);
    running.push(application);
    await application.answers(`http://127.0.0.1:${port}/health`);
    return application;
  }

  /** Resolves to how the memory reducers of so many processes decided: to collect, to wait, or to do nothing. */
  async function decisions(application: BuiltApplication, processes: number): Promise<string[]> {
    const asked = (): Set<string> =>
      new Set(
        [...application.output.matchAll(/^\[(\d+):.*Memory reducer: (?:low|high) alloc/gm)].map(
          ([, pid]) => pid!,
        ),
      );
    await until(() => asked().size === processes, DECIDES_WITHIN_MS);
    return application.output.match(/Memory reducer: (?:started|waiting).*/g) ?? [];
  }

  it.each(['main.js', 'aerie-mcp start', 'one process with Redis'])('does nothing in %s', async (name) => {
    expect(await decisions(servers[name]!, 1)).toEqual([]);
  });

  it('does nothing in workers, nor in their primary', async () => {
    expect(await decisions(servers['workers']!, 4)).toEqual([]);
  });

  it('works as an operator wants it', async () => {
    expect(await decisions(servers['as wanted']!, 1)).not.toEqual([]);
  });
});
