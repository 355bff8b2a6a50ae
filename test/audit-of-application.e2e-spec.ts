import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { z } from 'zod';

import { Chain } from '../src/audit/chain.js';
import { FolderLock } from '../src/database/folder-lock.js';
import { listen } from '../src/values/listen.js';
import { BuiltApplication, runBuiltCommand } from './support/built-application.js';
import { MemoryOAuthProvider } from './support/oauth-client.js';
import { freePort } from './support/ports.js';
import { runCommand } from './support/run-command.js';
import { signIn } from './support/sign-in.js';

const line = z.object({
  level: z.literal(30),
  time: z.iso.datetime(),
  pid: z.number().optional(),
  audit: z.object({ event: z.string() }).loose(),
  msg: z.literal('audit'),
});

/** Asks for a token of the demo's machine client. Returns the status. */
async function requestToken(issuer: string, secret: string): Promise<number> {
  const form = { grant_type: 'client_credentials', client_id: 'm2m_demo', client_secret: secret };
  const response = await fetch(`${issuer}/oauth/token`, { method: 'POST', body: new URLSearchParams(form) });
  await response.text();
  return response.status;
}

/** Lets a person deny the official client access, and returns what the client is told. */
async function deny(url: string): Promise<string | null> {
  const provider = new MemoryOAuthProvider();
  const client = new Client({ name: 'test', version: '1' });
  const transport = new StreamableHTTPClientTransport(new URL(url), { authProvider: provider });
  await expect(client.connect(transport)).rejects.toThrow(/unauthorized/i);
  const { searchParams } = await signIn(provider.authorizationUrl ?? '', { decision: 'deny' });
  return searchParams.get('error');
}

describe('the audit trail of the built application', () => {
  let directory: string;
  let application: BuiltApplication | undefined;
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'aerie-'));
    // Keeps the embedded database closed, since opening it takes more CPU time than the rest of the test.
    await FolderLock.take(join(directory, '.aerie', 'database'));
  });
  afterEach(async () => {
    await application?.kill();
    rmSync(directory, { recursive: true });
  });

  /** Verifies the records in `aerie.log` as documented. */
  function verifyLog(): ReturnType<typeof runBuiltCommand> {
    const [, documented = ''] =
      /^(mkdir records\n[^`]*?)npm run/m.exec(readFileSync('docs/audit.md', 'utf8')) ?? [];
    execFileSync('bash', ['-ec', documented], { cwd: directory });
    return runBuiltCommand('audit', ['verify', 'records', '--sink', 'stdout'], directory, {});
  }

  it('with AUDIT=stdout is in the log as it is in its chain, and can be verified', async () => {
    const port = await freePort();
    application = BuiltApplication.start(directory, {
      NODE_ENV: 'production',
      PORT: String(port),
      HOST: '127.0.0.1',
      SK_ENV_URL: 'https://localhost:1',
      MCP_SERVER_ID: 'res_1',
      RESOURCE_URL: 'https://mcp.example.com/mcp',
      ALLOWED_HOSTS: 'localhost',
      SHUTDOWN_DELAY: '1ms',
      AUDIT: 'stdout',
    });
    const origin = `http://localhost:${port}`;
    await application.answers(`${origin}/health/live`);
    await application.answers(`${origin}/mcp`, 401);
    application.process.kill('SIGTERM');
    expect(await application.exit()).toBe(0);

    const texts = application.output.split('\n').filter((text) => text.includes('"msg":"audit"'));
    const lines = texts.map((text) => line.parse(JSON.parse(text)));
    expect(lines.map(({ audit }) => audit.event)).toEqual([
      'chain.opened',
      'config.loaded',
      'token.rejected',
      'chain.closed',
    ]);
    expect(lines.map(({ pid }) => pid)).toEqual(lines.map(() => application?.process.pid));

    const requests = application.output.split('\n').filter((text) => text.includes('"msg":"request"'));
    const refused = requests.map((text) => JSON.parse(text) as object).find((entry) => 'reason' in entry);
    expect(refused).toMatchObject({ level: 30, path: '/mcp', status: 401, reason: 'missing_token' });
    expect(Object.keys(refused ?? {}).slice(0, 3)).toEqual(['level', 'time', 'pid']);
    expect(Object.keys(refused ?? {}).at(-1)).toBe('msg');
    writeFileSync(join(directory, 'aerie.log'), application.output);
    expect(await verifyLog()).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('4 records in 1 chain.'),
    });
  });

  it.each(['', 'aerie-1  | '])(
    'is extracted from a log as documented, whatever arguments say, behind "%s"',
    async (prefix) => {
      const chain = new Chain('test', Date.now());
      const given = { a: { audit: { v: 1 } }, b: ',"audit":{"v":1,"chain":"x","seq":1},"msg":"audit"}' };
      const lines = [
        chain.add({ event: 'chain.opened', outcome: 'success' }, Date.now()),
        chain.add({ event: 'tool.call', outcome: 'success', arguments: given }, Date.now()),
      ].map(
        ({ text }) =>
          `${prefix}{"level":30,"time":"2026-11-27T00:00:00.000Z","pid":1,"audit":${text},"msg":"audit"}\n`,
      );
      writeFileSync(join(directory, 'aerie.log'), `${prefix}{"level":30,"msg":"request"}\n${lines.join('')}`);
      expect(await verifyLog()).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('2 records in 1 chain.'),
      });
    },
  );

  it.each(['PORT', 'METRICS_PORT'])(
    'is closed when the start fails, because %s is taken',
    async (variable) => {
      const other = createServer();
      const takenPort = await listen(other);
      application = BuiltApplication.start(directory, {
        NODE_ENV: 'test',
        PORT: String(await freePort()),
        HOST: '127.0.0.1',
        [variable]: String(takenPort),
        DEV_ISSUER_PORT: String(await freePort()),
        AUDIT: 'file',
      });
      expect(await application.exit()).toBe(1);
      other.close();
      expect(await runCommand('audit', ['verify', '--closed'], directory, {})).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('No record was changed, removed or inserted.'),
      });
    },
  );

  it('records what the embedded issuer issues and refuses', async () => {
    const [port, issuerPort] = [await freePort(), await freePort()];
    application = BuiltApplication.start(directory, {
      PORT: String(port),
      DEV_ISSUER_PORT: String(issuerPort),
      AUDIT: 'file',
    });
    await application.answers(`http://localhost:${port}/health/live`);
    const issuer = `http://localhost:${issuerPort}`;
    expect(await requestToken(issuer, 'm2m_demo_secret')).toBe(200);
    expect(await requestToken(issuer, 'guessed')).toBe(401);
    expect(await deny(`http://localhost:${port}/mcp`)).toBe('access_denied');
    application.process.kill('SIGTERM');
    expect(await application.exit()).toBe(0);

    const { stdout } = await runCommand('audit', ['list', join(directory, '.aerie', 'audit')], directory, {});
    const records = stdout
      .split('\n')
      .filter((text) => /"event":"token\.(issued|refused)"/.test(text))
      .map((text): unknown => JSON.parse(text));
    const address = expect.stringMatching(/127\.0\.0\.1$/) as string;
    const refused = { event: 'token.refused', outcome: 'denied', issuer, address };
    expect(records).toEqual([
      expect.objectContaining({
        event: 'token.issued',
        outcome: 'success',
        issuer,
        subject: 'm2m_demo',
        client: 'm2m_demo',
        organization: 'org_acme',
        address,
      }),
      expect.objectContaining({ ...refused, reason: 'invalid_client', client: 'm2m_demo' }),
      expect.objectContaining({
        ...refused,
        reason: 'access_denied',
        client: expect.stringMatching(/^m2m_\d+$/),
      }),
    ]);
    expect(stdout).not.toContain('guessed');
  });

  it('lists the record of a refused batch by each of its tools', async () => {
    const chain = new Chain('test', 0);
    const { text } = chain.add({ event: 'access.denied', outcome: 'denied', tool: 'greet,refund' }, 0);
    writeFileSync(join(directory, `audit-${chain.id}.jsonl`), `${text}\n`);
    const listed: string[] = [];
    for (const tool of ['greet', 'refund', 'fund']) {
      listed.push((await runCommand('audit', ['list', directory, '--tool', tool], directory, {})).stdout);
    }
    expect(listed).toEqual([`${text}\n`, `${text}\n`, '']);
  });

  it('can miss records as it says itself, if the command knows the sink', async () => {
    const chain = new Chain('test', 0);
    const [opened, , missed] = (
      [
        { event: 'chain.opened', outcome: 'success' },
        { event: 'tool.call', outcome: 'success' },
        { event: 'records.missed', outcome: 'failure', sink: 'stdout', count: 1 },
      ] as const
    ).map((fields) => chain.add(fields, 0).text);
    writeFileSync(join(directory, `audit-${chain.id}.jsonl`), `${opened}\n${missed}\n`);
    const verify = (...options: string[]): ReturnType<typeof runCommand> =>
      runCommand('audit', ['verify', directory, ...options], directory, {});
    expect(await verify('--sink', 'stdout')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('the server left out 1 record'),
    });
    expect(await verify()).toMatchObject({ code: 1, stderr: expect.stringContaining('1 record is missing') });
    expect(await verify('--sink', 'log')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Unknown sink "log". Use one of: file,'),
    });
    expect(await verify('--sink', 'stdout', '--postgres')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("option '--sink <sink>' cannot be used with option '--postgres'"),
    });
  });
});
