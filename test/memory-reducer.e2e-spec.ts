import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { BuiltApplication, DIST } from './support/built-application.js';
import { freePort } from './support/ports.js';
import { startRedis } from './support/redis.js';
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
  const running: BuiltApplication[] = [];
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'aerie-'));
  });
  afterAll(async () => {
    await Promise.all(running.map((application) => application.kill()));
    rmSync(directory, { recursive: true });
  });

  async function start(
    flags: readonly string[],
    entry: readonly string[],
    environment: NodeJS.ProcessEnv = {},
  ): Promise<BuiltApplication> {
    const port = String(await freePort());
    const application = BuiltApplication.start(directory, { ...PRODUCTION, ...environment, PORT: port }, [
      '--trace-gc',
      '--trace-memory-reducer',
      ...flags,
      ...entry,
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

  it.each([
    ['main.js', [join(DIST, 'main.js')]],
    ['aerie-mcp start', [join(DIST, 'cli/main.js'), 'start']],
  ])('does nothing while %s serves', async (_name, entry) => {
    expect(await decisions(await start([], entry), 1)).toEqual([]);
  });

  it('does nothing in a process with Redis, nor in workers and their primary', async () => {
    const redis = await startRedis();
    try {
      const one = await start([], [join(DIST, 'main.js')], { REDIS_URL: redis.url });
      const workers = await start([], [join(DIST, 'main.js')], { REDIS_URL: redis.url, WORKERS: '3' });
      expect(await decisions(one, 1)).toEqual([]);
      expect(await decisions(workers, 4)).toEqual([]);
      await Promise.all([one.kill(), workers.kill()]);
    } finally {
      await redis.stop();
    }
  });

  it.each([
    '--gc-memory-reducer-start-delay-ms=500',
    '--gc_memory_reducer_start_delay_ms=500',
    '-gc-memory-reducer-start-delay-ms=500',
  ])('works as an operator wants it: %s', async (flag) => {
    expect(await decisions(await start([flag], [join(DIST, 'main.js')]), 1)).not.toEqual([]);
  });
});
