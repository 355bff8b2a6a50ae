import { setTimeout as sleep } from 'node:timers/promises';

import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';

import { sendCalls } from './misbehaving/load.js';
import { MISBEHAVIORS } from './misbehaving/misbehaviors.js';
import { type MisbehavingServer, startMisbehaving } from './misbehaving/server.js';
import { postModern, resultText, toolCall } from './support/rpc.js';
import { startRedis } from './support/redis.js';
import { until } from './support/until.js';

/** Three calls per tool, organization and way. `npm run test:misbehaving` sends 20,000. */
const GATE_CALLS = 1_080;
const CALLS = Number(process.env['MISBEHAVING_CALLS'] ?? GATE_CALLS);
/** Memory is measured after each round. */
const SLICES = 10;
const MB = 1024 ** 2;

const call = ({ url }: MisbehavingServer, token: string, name: string): Promise<Response> =>
  postModern(url, token, toolCall(name, { nonce: `nonce-${name}` }));
const linesWith = ({ application }: MisbehavingServer, text: string): string[] =>
  application.output.split('\n').filter((line) => line.includes(text));

describe('a server whose tools misbehave', () => {
  let server: MisbehavingServer;
  let token: string;
  beforeAll(async () => {
    server = await startMisbehaving({ MCP_SESSIONS: 'on', MCP_SSE: 'on' });
    token = await server.token('alice');
  });
  afterAll(() => server.close());

  interface Memory {
    readonly pid: number;
    readonly rss: number;
    readonly heapUsed: number;
  }
  const memory = async (): Promise<Memory> =>
    JSON.parse(await resultText(await call(server, token, 'memory'))) as Memory;

  it(
    'answers every call, crosses no organizations, stays the same process and keeps its memory',
    async () => {
      const callers = [
        { token, organization: 'org_acme' },
        { token: await server.token('bob'), organization: 'org_globex' },
      ];
      const { pid } = await memory();
      const samples: Memory[] = [];
      for (let slice = 0; slice < SLICES; slice++) {
        expect(await sendCalls(server.url, callers, CALLS / SLICES)).toEqual([]);
        samples.push(await memory());
      }
      if (CALLS > GATE_CALLS) process.stdout.write(`${JSON.stringify(samples)}\n`);

      expect(samples.map((sample) => sample.pid)).toEqual(samples.map(() => pid));
      // The first half warms up: code is compiled, and the heap grows to its working size.
      const [warm, last] = [samples[SLICES / 2 - 1], samples[SLICES - 1]] as [Memory, Memory];
      expect(last.heapUsed - warm.heapUsed).toBeLessThan(10 * MB);
      // Resident memory rises and falls by what the allocator keeps, so its highest value is the working size.
      const working = Math.max(...samples.slice(0, SLICES / 2).map(({ rss }) => rss));
      expect(last.rss - working).toBeLessThan(50 * MB);
    },
    CALLS * 30 + 60_000,
  );

  it('logs the outcome of each call and the leftovers of each tool, up to a limit', async () => {
    for (const name of Object.keys(MISBEHAVIORS)) await (await call(server, token, name)).text();
    const logged = (name: string, text: string): number =>
      linesWith(server, `"tool":"${name}"`).filter((line) => line.includes(text)).length;
    await until(() => Object.keys(MISBEHAVIORS).every((name) => logged(name, '"outcome"') > 0));
    for (const name of [
      'throw_in_timer',
      'emitter_error',
      'listener_that_throws',
      'throw_in_microtask',
      'observable_that_cannot_be_left',
    ]) {
      expect(logged(name, 'ERROR: uncaught exception')).toBeGreaterThan(0);
      expect(logged(name, 'ERROR: uncaught exception')).toBeLessThanOrEqual(
        10 * Math.ceil(CALLS / GATE_CALLS),
      );
    }
    expect(logged('floating_rejection', 'ERROR: unhandled rejection')).toBeGreaterThan(0);
    expect(server.application.output).toMatch(/"tool":"throw_in_timer"}\n +error: "Error: audit.*\\n +at /);
    // These tools only interrupt a handler.
    for (const name of ['two_questions', 'question_that_nobody_awaits', 'talks_on']) {
      expect(logged(name, 'ERROR')).toBe(0);
    }
  });

  const ANSWER = { action: 'accept' as const, content: { v: 'yes' } };
  const capabilities = { elicitation: {} };
  const identity = { name: 'test', version: '1' };
  const authorized = (): { requestInit: RequestInit } => ({
    requestInit: { headers: { authorization: `Bearer ${token}` } },
  });
  const v2 = async (mode: 'auto' | 'legacy'): Promise<Client> => {
    const client = new Client(identity, { capabilities, versionNegotiation: { mode } });
    client.setRequestHandler('elicitation/create', () => ANSWER);
    await client.connect(new StreamableHTTPClientTransport(new URL(server.url), authorized()));
    return client;
  };
  const v1 = async (transport: TransportV1 | SSEClientTransport): Promise<ClientV1> => {
    const client = new ClientV1(identity, { capabilities });
    client.setRequestHandler(ElicitRequestSchema, () => ANSWER);
    await client.connect(transport);
    return client;
  };

  it.each<[string, () => Promise<Client | ClientV1>]>([
    ['v2, MCP 2026-07-28', () => v2('auto')],
    ['v2, in a session', () => v2('legacy')],
    ['v1, in a session', () => v1(new TransportV1(new URL(server.url), authorized()))],
    ['v1, over SSE', () => v1(new SSEClientTransport(new URL(`${server.url}/sse`), authorized()))],
  ])('asks two questions at once, as the client of %s', async (_client, connect) => {
    const client = await connect();
    const use = async (name: string): Promise<unknown> => {
      const { content } = await client.callTool({ name, arguments: { nonce: 'nonce-1' } });
      return content;
    };
    try {
      const answers = JSON.stringify([ANSWER, ANSWER]);
      expect(await use('two_questions')).toEqual([{ type: 'text', text: `org_acme nonce-1${answers}` }]);
      expect(await use('question_that_nobody_awaits')).toEqual([{ type: 'text', text: 'org_acme nonce-1' }]);
      for (const name of ['talks_on', 'unsendable_notification', 'throw_in_timer', 'floating_rejection']) {
        expect(await use(name)).toEqual([{ type: 'text', text: 'org_acme nonce-1' }]);
      }
      expect((await client.listTools()).tools.length).toBeGreaterThan(30);
    } finally {
      await client.close();
    }
    expect(server.application.process.exitCode).toBeNull();
  });
});

describe('an exception that belongs to no call', () => {
  const servers: MisbehavingServer[] = [];
  const start = async (environment: NodeJS.ProcessEnv): Promise<MisbehavingServer> => {
    const server = await startMisbehaving(environment);
    servers.push(server);
    return server;
  };
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.close();
  });

  it('stops the process after all accepted requests are answered', async () => {
    const server = await start({ SHUTDOWN_DELAY: '300ms' });
    const token = await server.token('alice');
    const slow = Array.from({ length: 20 }, async () => resultText(await call(server, token, 'slow')));
    expect(await resultText(await call(server, token, 'crash'))).toBe('org_acme nonce-crash');
    await server.application.answers(`${server.origin}/health/ready`, 503);
    expect((await fetch(`${server.origin}/health/live`)).status).toBe(200);
    // The server keeps serving until a load balancer has noticed.
    expect(await resultText(await call(server, token, 'busy'))).toBe('org_acme nonce-busy');

    expect(new Set(await Promise.all(slow))).toEqual(new Set(['org_acme nonce-slow']));
    expect(await server.application.exit()).toBe(1);
    expect(server.application.output).toMatch(
      /FATAL: uncaught exception.*\n +error: "Error: of nobody\\n +at /,
    );
  });

  it('ends workers whose stop hangs although the first process was killed meanwhile', async () => {
    const redis = await startRedis();
    try {
      const settings = { WORKERS: '2', REDIS_URL: redis.url, SHUTDOWN_TIMEOUT: '1s', HANGS_AT_STOP: 'on' };
      const { application } = await start(settings);
      application.process.kill('SIGTERM');
      await sleep(2_000);
      const killedAt = performance.now();
      application.process.kill('SIGKILL');
      await application.exit(); // of the workers, which have the same standard output
      expect(performance.now() - killedAt).toBeLessThan(15_000);
    } finally {
      await redis.stop();
    }
  });

  it('replaces each worker that it ends', async () => {
    const redis = await startRedis();
    try {
      const server = await start({ WORKERS: '2', REDIS_URL: redis.url });
      const token = await server.token('alice');
      const ended = (): number =>
        [...server.application.errors.matchAll(/exited unexpectedly \(1\)/g)].length;
      // After the second time, only replaced workers are left.
      for (const count of [1, 2]) {
        expect(await resultText(await call(server, token, 'crash'))).toBe('org_acme nonce-crash');
        await until(() => ended() === count);
        await server.application.answers(`${server.origin}/health/ready`);
      }
      expect(await resultText(await call(server, token, 'busy'))).toBe('org_acme nonce-busy');
    } finally {
      await redis.stop();
    }
  });
});
