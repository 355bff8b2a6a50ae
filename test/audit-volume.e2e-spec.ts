import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Injectable, Module } from '@nestjs/common';
import { z } from 'zod';

import { FolderLock } from '../src/database/folder-lock.js';
import type { AuditRecord } from '../src/audit/audit-record.js';
import { type Audit, startAudit } from '../src/audit/start-audit.js';
import { McpPrompt, McpResource, McpTool, ToolError } from '../src/mcp/index.js';
import { type Aerie, startAerie } from './support/aerie.js';
import { BuiltApplication } from './support/built-application.js';
import { freePort } from './support/ports.js';
import { type PostgresServer, startPostgres } from './support/postgres.js';
import { message, post, postModern, toolCall } from './support/rpc.js';
import { type CommandResult, runCommand } from './support/run-command.js';

/** `npm run test:audit` sends 10,000. */
const CALLS = Number(process.env['AUDIT_CALLS'] ?? 500);
const CONCURRENCY = 32;
const LOG = { debug: jest.fn(), info: jest.fn(), warn: jest.fn(), error: jest.fn() };

@Injectable()
class Offers {
  @McpTool({
    name: 'refund',
    description: 'Refunds an invoice.',
    input: z.object({ invoice: z.string() }),
    scopes: ['usr:read'],
    audit: { record: ['invoice'] },
  })
  refund({ invoice }: { invoice: string }): string {
    if (invoice.endsWith('0')) throw new ToolError('The invoice is paid.');
    return 'refunded';
  }

  @McpTool({ name: 'rare', description: 'Rarely possible.', scopes: 'authenticated', rateLimit: '1/h' })
  rare(): string {
    return 'once';
  }

  @McpTool({ name: 'restricted', description: 'For others.', scopes: ['admin'] })
  restricted(): string {
    return 'never';
  }

  @McpResource({ uri: 'info://about', name: 'about', scopes: 'authenticated' })
  about(): string {
    return 'about';
  }

  @McpPrompt({ name: 'review', description: 'Reviews.', scopes: 'authenticated' })
  review(): string {
    return 'Review it.';
  }
}

@Module({ providers: [Offers] })
class OffersModule {}

type Send = (aerie: Aerie, number: number, tokens: Tokens) => Promise<Response>;
type Tokens = Readonly<Record<'valid' | 'expired' | 'foreign' | 'revoked', string>>;

/** Calls that reach a handler, by event and reason of their records. */
const SERVED: readonly (readonly [string, Send])[] = [
  [
    'tool.call',
    ({ url }, number, { valid }) => postModern(url, valid, toolCall('refund', { invoice: `inv_${number}1` })),
  ],
  [
    'tool.call',
    ({ url }, number, { valid }) =>
      post(url, valid, message(toolCall('refund', { invoice: `inv_${number}2` }))),
  ],
  [
    'tool.call tool_error',
    ({ url }, number, { valid }) => postModern(url, valid, toolCall('refund', { invoice: `inv_${number}0` })),
  ],
  ['tool.call invalid_input', ({ url }, _, { valid }) => postModern(url, valid, toolCall('refund', {}))],
  [
    'resource.read',
    ({ url }, _, { valid }) =>
      post(url, valid, message({ method: 'resources/read', params: { uri: 'info://about' } })),
  ],
  [
    'prompt.get',
    ({ url }, _, { valid }) =>
      post(url, valid, message({ method: 'prompts/get', params: { name: 'review' } })),
  ],
];
const REFUND = message(toolCall('refund', { invoice: 'inv_1' }));
/** Names one of many clients behind a proxy, because no single stranger gets hundreds of records a minute. */
const from = (number: number): Record<string, string> => ({
  'x-forwarded-for': `10.0.${number >> 8}.${number & 255}`,
});
/** Nine ways to be refused. */
const REFUSED: readonly (readonly [string, Send])[] = [
  ['token.rejected missing_token', ({ url }, number) => post(url, undefined, REFUND, from(number))],
  ['token.rejected malformed', ({ url }, number) => post(url, 'none', REFUND, from(number))],
  ['token.rejected expired', ({ url }, number, { expired }) => post(url, expired, REFUND, from(number))],
  [
    'token.rejected wrong_audience',
    ({ url }, number, { foreign }) => post(url, foreign, REFUND, from(number)),
  ],
  ['token.rejected revoked', ({ url }, number, { revoked }) => post(url, revoked, REFUND, from(number))],
  [
    'access.denied insufficient_scope',
    ({ url }, _, { valid }) => post(url, valid, message(toolCall('restricted'))),
  ],
  [
    'limit.exceeded rate_limited:tool',
    ({ url }, _, { valid }) => post(url, valid, message(toolCall('rare'))),
  ],
  ['request.rejected invalid_json', ({ url }, _, { valid }) => post(url, valid, '{')],
  [
    'request.rejected not_acceptable',
    ({ url }, _, { valid }) => post(url, valid, REFUND, { accept: 'text/html' }),
  ],
];

describe('the audit trail of many calls', () => {
  let directory: string;
  let postgres: PostgresServer;
  const urlOf = (role: string): string => postgres.url(`aerie_audit_${role}`);
  const command = (...parameters: string[]): Promise<CommandResult> =>
    runCommand('audit', parameters, directory, { AUDIT_DATABASE_URL: urlOf('reader') });
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'aerie-audit-'));
    postgres = await startPostgres();
    await postgres.run((await runCommand('audit', ['schema'], directory, {})).stdout);
    for (const role of ['reader', 'writer']) {
      await postgres.run(`alter role aerie_audit_${role} password 'aerie_audit_${role}'`);
    }
  });
  afterAll(async () => {
    await postgres.remove();
    rmSync(directory, { recursive: true });
  });

  const filesIn = (folder: string): string[] => readdirSync(folder).map((name) => join(folder, name));
  const recordsOf = ({ stdout }: CommandResult): AuditRecord[] =>
    stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as AuditRecord);
  /** Counts records of calls and refusals by event and reason. */
  function countsOf(records: readonly AuditRecord[]): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { event, reason } of records) {
      if (event.startsWith('chain.')) continue;
      const kind = reason === undefined ? event : `${event} ${reason}`;
      counts[kind] = (counts[kind] ?? 0) + 1;
    }
    return counts;
  }

  const now = Math.floor(Date.now() / 1_000);
  const tokensFor = async (aerie: Aerie): Promise<Tokens> => ({
    valid: await aerie.token(),
    expired: await aerie.token({ claims: { exp: now - 10 } }),
    foreign: await aerie.token({ claims: { aud: ['https://other.example'] } }),
    revoked: await aerie.token({ claims: { sub: 'usr_revoked', iat: now - 10 } }),
  });

  /** Sends the calls, a tenth of which are refused. Returns the number of each kind. */
  async function sendAll(aerie: Aerie, tokens: Tokens): Promise<Record<string, number>> {
    const counts: Record<string, number> = {};
    let next = 0;
    const work = async (): Promise<void> => {
      while (next < CALLS) {
        const number = next++;
        const ways = number % 10 === 0 ? REFUSED : SERVED;
        const [kind, send] = ways[Math.floor(number / 10) % ways.length] ?? [
          '',
          () => Promise.reject(new Error('none')),
        ];
        counts[kind] = (counts[kind] ?? 0) + 1;
        await (await send(aerie, number, tokens)).text();
      }
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, work));
    return counts;
  }

  it('has one record of each call, with its reason, in file and PostgreSQL, and shows one changed byte', async () => {
    const files = join(directory, 'files');
    const audit: Audit = await startAudit(
      {
        sinks: [
          { name: 'file', onFull: 'refuse' },
          { name: 'postgres', onFull: 'refuse' },
        ],
        directory: files,
        databaseUrl: urlOf('writer'),
        retention: undefined,
        webhook: undefined,
        otlpUrl: undefined,
        redact: [],
        digestKey: undefined,
      },
      'test',
      LOG,
    );
    await runCommand('revoke', ['--subject', 'usr_revoked'], directory, { STATE_DIRECTORY: directory });
    const aerie = await startAerie({
      environment: { STATE_DIRECTORY: directory, TRUSTED_PROXIES: '127.0.0.1' },
      observers: [audit.observer],
      modules: [OffersModule],
      isLogging: false,
    });
    const tokens = await tokensFor(aerie);
    const rare = await post(aerie.url, tokens.valid, message(toolCall('rare'))); // uses up its limit
    expect(await rare.text()).toContain('once');
    const sent = await sendAll(aerie, tokens);
    await aerie.close();
    await audit.close();
    expect(LOG.error).not.toHaveBeenCalled();

    expect(Object.values(sent).reduce((sum, count) => sum + count)).toBe(CALLS);
    const expected = { ...sent, 'tool.call': (sent['tool.call'] ?? 0) + 1, 'token.accepted': 1 };
    expect(countsOf(recordsOf(await command('list', files)))).toEqual(expected);
    expect(countsOf(recordsOf(await command('list', '--postgres')))).toEqual(expected);
    const whole = { code: 0, stdout: expect.stringContaining(`${CALLS + 4} records in 1 chain.`) };
    expect(await command('verify', files)).toMatchObject(whole);
    expect(await command('verify', '--postgres')).toMatchObject(whole);

    const [file = ''] = filesIn(files);
    writeFileSync(file, readFileSync(file, 'utf8').replace('"inv_1', '"inv_2'));
    await postgres.run(
      `update aerie_audit.records set line = replace(line, '"inv_1', '"inv_2') where seq = (select min(seq)
         from aerie_audit.records where line like '%"inv_1%')`,
    );
    const changed = { code: 1, stderr: expect.stringMatching(/line \d+ was changed/) };
    expect(await command('verify', files)).toMatchObject(changed);
    expect(await command('verify', '--postgres')).toMatchObject(changed);
  });

  it('loses at most the last batches of a process that is killed, and shows that it was', async () => {
    const files = join(directory, 'killed');
    const environment = {
      PORT: String(await freePort()),
      DEV_ISSUER_PORT: String(await freePort()),
      STATE_DIRECTORY: join(directory, 'state'),
      AUDIT: 'file:refuse',
      AUDIT_DIRECTORY: files,
      RATE_LIMIT_CALLER: '1000000/min',
      RATE_LIMIT_ORGANIZATION: '1000000/min',
      LOG_LEVEL: 'error',
    };
    // Keeps the embedded database closed, since opening it takes seconds of CPU time.
    await FolderLock.take(join(directory, 'state', 'database'));
    const application = BuiltApplication.start(directory, environment);
    const url = `http://localhost:${environment.PORT}/mcp`;
    await application.answers(`http://localhost:${environment.PORT}/health/ready`);
    const { stdout: token } = await runCommand('token', [], directory, environment);
    const answered = new Map<string, number>();
    const work = async (): Promise<void> => {
      for (;;) {
        const response = await post(url, token.trim(), message(toolCall('whoami'))).catch(() => undefined);
        if (!response) return;
        await response.text();
        answered.set(response.headers.get('x-request-id') ?? '', performance.now());
        if (answered.size === CALLS) application.process.kill('SIGKILL');
      }
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, work));
    await application.exit();

    const stored = new Set(recordsOf(await command('list', files)).map(({ requestId }) => requestId));
    const lost = [...answered].filter(([id]) => !stored.has(id));
    const end = Math.max(...answered.values());
    const ages = lost.map(([, time]) => end - time);
    if (CALLS > 500)
      process.stdout.write(
        `Lost ${lost.length} of ${answered.size}, at most ${Math.max(0, ...ages)} ms old.\n`,
      );
    expect(Math.max(0, ...ages)).toBeLessThan(1_000);
    expect(await command('verify', files)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(
        /Note: .* is not closed after \d+ records: its process runs, it was killed, or the records after them were removed/,
      ),
    });
  });
});
