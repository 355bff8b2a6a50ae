import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as passed } from 'node:timers/promises';

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
/** Time after the first full collection at which V8's memory reducer begins, and some of its own. */
const BEGINS_AFTER_MS = 8_500;

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

  it.each([
    ['main.js', [join(DIST, 'main.js')]],
    ['aerie-mcp start', [join(DIST, 'cli/main.js'), 'start']],
  ])('does not begin while %s serves', async (_name, entry) => {
    const application = await start([], entry);
    await passed(BEGINS_AFTER_MS);
    expect(application.output).toContain('Mark-Compact'); // without one, it would not begin anyway
    expect(application.output).not.toContain('Memory reducer');
  });

  it('does not begin in workers', async () => {
    const redis = await startRedis();
    try {
      const application = await start([], [join(DIST, 'main.js')], { WORKERS: '3', REDIS_URL: redis.url });
      await passed(BEGINS_AFTER_MS + 1_500); // for the workers that start last
      expect(application.output).toContain('Mark-Compact');
      expect(application.output).not.toContain('Memory reducer');
      await application.kill();
    } finally {
      await redis.stop();
    }
  });

  it.each([
    '--gc-memory-reducer-start-delay-ms=500',
    '--gc_memory_reducer_start_delay_ms=500',
    '-gc-memory-reducer-start-delay-ms=500',
  ])('begins after the delay of an operator: %s', async (flag) => {
    const application = await start([flag], [join(DIST, 'main.js')]);
    await until(() => application.output.includes('Memory reducer'));
  });
});
