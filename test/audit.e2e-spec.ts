import { createHash, createHmac, randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

import { Injectable, Module } from '@nestjs/common';
import { z } from 'zod';
import { Client, type ElicitResult, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

import { recordChanges } from '../src/audit-of.js';
import type { AuditRecord } from '../src/audit/audit-record.js';
import { type Audit, startAudit } from '../src/audit/start-audit.js';
import { RevocationsService } from '../src/auth/revocation/revocations.service.js';
import { configurationDigest } from '../src/config/configuration-digest.js';
import { VERSION } from '../src/version.js';
import { isRecord } from '../src/values/is-record.js';
import { type CallContext, McpPrompt, McpResource, McpTool, redacted, ToolError } from '../src/mcp/index.js';
import { type Aerie, startAerie } from './support/aerie.js';
import { runCommand } from './support/run-command.js';
import { ERAS, message, post, postModern, toolCall } from './support/rpc.js';
import { eventually, until } from './support/until.js';

@Injectable()
class RefundTools {
  @McpTool({
    name: 'refund',
    scopes: ['usr:read'],
    description: 'Refunds an invoice.',
    input: z.object({ invoiceId: z.string(), note: z.string(), iban: z.string().meta(redacted) }),
    audit: { record: ['invoiceId', 'iban'] },
  })
  refund({ invoiceId }: { invoiceId: string }): string {
    if (invoiceId === 'none') throw new ToolError('There is no such invoice.');
    return 'hunter2';
  }

  @McpTool({
    name: 'vault',
    scopes: ['vault:open'],
    visibility: 'secret',
    description: 'Opens the vault.',
    input: z.object({ key: z.string(), pin: z.string() }),
    audit: { record: ['key'] },
  })
  open(): string {
    return 'open';
  }

  @McpTool({
    name: 'adjust',
    scopes: 'authenticated',
    description: 'Changes its own arguments.',
    input: z.object({ change: z.unknown() }),
    audit: { record: ['change'] },
  })
  adjust({ change }: { change?: unknown }): string {
    if (isRecord(change)) Object.assign(change, { amount: 2, self: change });
    return 'changed';
  }

  @McpTool({ name: 'ask', scopes: 'authenticated', description: 'Asks twice.' })
  async ask(_input: object, context: CallContext): Promise<string> {
    const schema = z.object({ name: z.string().min(1) });
    const answer = await context.elicit({ message: 'Name?', schema });
    const other = await context.elicit({ message: 'Other name?', schema });
    return `${answer.action} ${other.action}`;
  }

  @McpResource({
    name: 'ledger',
    uri: 'ledger://{year}',
    scopes: ['usr:read'],
    mimeType: 'text/plain',
    description: 'The ledger of a year.',
  })
  ledger(): string {
    return 'hunter8';
  }

  @McpPrompt({
    name: 'escalation',
    scopes: 'authenticated',
    roles: ['lead'],
    arguments: z.object({ topic: z.string() }),
    complete: { topic: 'topics' },
  })
  escalation(): string {
    return 'hunter7';
  }

  topics(): string[] {
    return ['hunter7'];
  }

  @McpPrompt({ name: 'handover', scopes: ['vault:open'], visibility: 'secret' })
  handover(): string {
    return 'hunter5';
  }
}

@Module({ providers: [RefundTools] })
class RefundModule {}

const AUDIT = {
  retention: undefined,
  databaseUrl: undefined,
  webhook: undefined,
  otlpUrl: undefined,
  redact: [],
  digestKey: undefined,
} as const;
const ESCALATION = {
  method: 'completion/complete',
  params: { ref: { type: 'ref/prompt', name: 'escalation' }, argument: { name: 'topic', value: 'h' } },
};
const DIGEST_KEY = 'k'.repeat(32);
const digestOf = (json: string): string => createHmac('sha256', DIGEST_KEY).update(json).digest('hex');
const log = { debug: jest.fn(), info: jest.fn(), warn: jest.fn(), error: jest.fn() };

describe('the audit trail', () => {
  let directory: string;
  let audit: Audit;
  let policy: string;
  let aerie: Aerie;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'aerie-audit-'));
    policy = join(directory, 'policy.json');
    writeFileSync(policy, '{}');
    const sinks = [{ name: 'file', onFull: 'refuse' } as const];
    audit = await startAudit({ ...AUDIT, sinks, directory, digestKey: DIGEST_KEY }, 'test', log);
    aerie = await startAerie({
      observers: [audit.observer],
      modules: [RefundModule],
      environment: { TOOL_POLICY: policy, TOOL_SEARCH: 'requested' },
    });
  });
  afterAll(async () => {
    await aerie.close();
    rmSync(directory, { recursive: true });
  });

  const pathOf = (): string =>
    join(directory, readdirSync(directory).find((name) => name.endsWith('.jsonl')) ?? '');
  const records = (): AuditRecord[] =>
    (readdirSync(directory).some((name) => name.endsWith('.jsonl')) ? readFileSync(pathOf(), 'utf8') : '')
      .split('\n')
      .slice(0, -1) // the rest of the file may still be written
      .map((line) => JSON.parse(line) as AuditRecord);
  /** Waits for the record of the request with this response. */
  async function recordOf(response: Response): Promise<AuditRecord> {
    await response.text();
    const id = response.headers.get('x-request-id');
    let found: AuditRecord | undefined;
    await until(() => {
      found = records().find(({ requestId, event }) => requestId === id && event !== 'token.accepted');
      return found !== undefined;
    });
    if (!found) throw new Error('There is no record.');
    expect(
      records().filter(({ requestId, event }) => requestId === id && event !== 'token.accepted'),
    ).toEqual([found]);
    return found;
  }
  const revokeWith = (environment: Record<string, string>, ...options: string[]): Promise<unknown> =>
    runCommand('revoke', options, directory, { STATE_DIRECTORY: aerie.stateDirectory, ...environment });
  const revoke = (...options: string[]): Promise<unknown> => revokeWith({}, ...options);
  const refund = (invoiceId: unknown) => toolCall('refund', { invoiceId, note: 'hunter3', iban: 'hunter6' });

  it.each(ERAS)('says who called what, in the era of %s', async (_era, send) => {
    const token = await aerie.token({ claims: { sub: 'usr_7', client_id: 'client_7', jti: 'token_7' } });
    const record = await recordOf(await send(aerie.url, token, refund('inv_1')));
    expect(record).toMatchObject({
      v: 1,
      event: 'tool.call',
      outcome: 'success',
      organization: 'org_acme',
      subject: 'usr_7',
      client: 'client_7',
      issuer: aerie.issuer.url,
      token: 'token_7',
      tool: 'refund',
      arguments: { invoiceId: 'inv_1', iban: '[redacted]' },
      argumentsDigest: expect.stringMatching(/^[\da-f]{64}$/),
      address: '127.0.0.1',
      resultSize: expect.any(Number),
      durationMs: expect.any(Number),
      instance: 'test',
    });
  });

  it.each<[string, (token: string) => Promise<Response>, Partial<AuditRecord>]>([
    [
      'a failed call',
      (token) => post(aerie.url, token, message(refund('none'))),
      { event: 'tool.call', outcome: 'failure', reason: 'tool_error' },
    ],
    [
      'a call with invalid arguments',
      (token) => post(aerie.url, token, message(refund(7))),
      { event: 'tool.call', outcome: 'failure', reason: 'invalid_input' },
    ],
    [
      'a missing scope',
      (token) => post(aerie.url, token, message(toolCall('admin_tool'))),
      { event: 'access.denied', outcome: 'denied', reason: 'insufficient_scope', tool: 'admin_tool' },
    ],
    [
      'what a caller without the scope tried, as the tool declares it',
      async () => post(aerie.url, await aerie.token({ scope: 'org:read' }), message(refund('inv_3'))),
      {
        event: 'access.denied',
        reason: 'insufficient_scope',
        tool: 'refund',
        arguments: { invoiceId: 'inv_3', iban: '[redacted]' },
        argumentsDigest: digestOf('{"iban":"hunter6","invoiceId":"inv_3","note":"hunter3"}'),
      },
    ],
    [
      'a call of an unknown tool',
      (token) => post(aerie.url, token, message(toolCall('no_such_tool'))),
      { event: 'access.denied', outcome: 'denied', reason: 'unknown_target', organization: 'org_acme' },
    ],
    [
      'a call of an unknown tool with call_tool, by that record alone',
      (token) =>
        post(aerie.url, token, message(toolCall('call_tool', { name: 'no_such_tool' })), {
          'aerie-tool-search': 'on',
        }),
      { event: 'access.denied', outcome: 'denied', reason: 'unknown_target' },
    ],
    [
      'an attempt on a hidden prompt, which the answer does not betray',
      (token) => post(aerie.url, token, message({ method: 'prompts/get', params: { name: 'handover' } })),
      { event: 'access.denied', outcome: 'denied', reason: 'hidden_target', prompt: 'handover' },
    ],
    [
      'what a caller tried with a hidden tool',
      async () =>
        post(aerie.url, await aerie.token(), message(toolCall('vault', { key: 'gold', pin: 'hunter7' }))),
      {
        event: 'access.denied',
        reason: 'hidden_target',
        tool: 'vault',
        arguments: { key: 'gold' },
        argumentsDigest: digestOf('{"key":"gold","pin":"hunter7"}'),
      },
    ],
    [
      'an invalid token',
      () => post(aerie.url, 'invalid', message(refund('x'))),
      { event: 'token.rejected', outcome: 'denied', reason: 'malformed', status: 401 },
    ],
    [
      'no token',
      () => post(aerie.url, undefined, message(refund('x'))),
      { event: 'token.rejected', reason: 'missing_token' },
    ],
    [
      'which resource a caller without the scope asked for',
      async () =>
        post(
          aerie.url,
          await aerie.token({ scope: 'org:read' }),
          message({ method: 'resources/read', params: { uri: 'ledger://hunter8' } }),
        ),
      {
        event: 'access.denied',
        reason: 'insufficient_scope',
        resource: 'ledger',
        argumentsDigest: digestOf('"ledger://hunter8"'),
      },
    ],
    [
      'a question that the client cannot answer, as the failure of the call',
      (token) => postModern(aerie.url, token, toolCall('ask')),
      { event: 'tool.call', outcome: 'failure', reason: 'missing_capability', tool: 'ask' },
    ],
    [
      'a completion without the role',
      (token) => post(aerie.url, token, message(ESCALATION)),
      { event: 'access.denied', outcome: 'denied', reason: 'forbidden', prompt: 'escalation' },
    ],
    [
      'a token in the URL',
      () => post(`${aerie.url}?access_token=hunter4`, undefined, message(refund('x'))),
      { event: 'token.rejected', reason: 'token_in_query', status: 400 },
    ],
    [
      'invalid JSON',
      (token) => post(aerie.url, token, '{'),
      { event: 'request.rejected', reason: 'invalid_json' },
    ],
  ])('records %s', async (_what, act, expected) => {
    expect(await recordOf(await act(await aerie.token()))).toMatchObject(expected);
  });

  it('records arguments as the client sent them, also if the handler changes them', async () => {
    const call = toolCall('adjust', { change: { amount: 1 } });
    const response = await post(aerie.url, await aerie.token(), message(call));
    expect(await recordOf(response)).toMatchObject({
      event: 'tool.call',
      outcome: 'success',
      arguments: { change: { amount: 1 } },
      argumentsDigest: digestOf('{"change":{"amount":1}}'),
    });
  });

  it('records the first use of a token, and not the next ones or that of a revoked one', async () => {
    const token = await aerie.token({ claims: { sub: 'usr_first', jti: 'token_first' } });
    const again = await aerie.token({ claims: { sub: 'usr_first', jti: 'token_first', sid: 'other' } });
    const list = message({ method: 'tools/list' });
    await (await post(aerie.url, token, list)).text();
    for (const bearer of [token, again]) {
      await recordOf(await post(aerie.url, bearer, message(toolCall('no_such_tool'))));
    }
    const revoked = await aerie.token({ claims: { sub: 'usr_revoked' } });
    await revoke('--subject', 'usr_revoked');
    await aerie.application.get(RevocationsService).reload();
    const rejected = await recordOf(await post(aerie.url, revoked, list));
    expect(rejected).toMatchObject({ event: 'token.rejected', reason: 'revoked' });
    const accepted = records().filter(({ event }) => event === 'token.accepted');
    expect(accepted.filter(({ subject }) => subject === 'usr_first')).toEqual([
      expect.objectContaining({ outcome: 'success', token: 'token_first', organization: 'org_acme' }),
    ]);
    expect(accepted.filter(({ subject }) => subject === 'usr_revoked')).toEqual([]);
  });

  it('records how a person reacted to each question, and not the answer', async () => {
    const answers: ElicitResult[] = [
      { action: 'accept', content: { name: '' } }, // invalid, so the person is asked again
      { action: 'accept', content: { name: 'hunter7' } },
      { action: 'decline' },
    ];
    const client = new Client(
      { name: 'asked', version: '1.0.0' },
      { versionNegotiation: { mode: 'auto' }, capabilities: { elicitation: { form: {} } } },
    );
    client.setRequestHandler('elicitation/create', () => answers.shift() ?? { action: 'cancel' });
    const token = await aerie.token({ claims: { sub: 'usr_asked' } });
    const headers = { authorization: `Bearer ${token}` };
    await client.connect(new StreamableHTTPClientTransport(new URL(aerie.url), { requestInit: { headers } }));
    await client.callTool({ name: 'ask', arguments: {} });
    await client.close();
    const answered = (): unknown[] => records().filter(({ event }) => event === 'elicitation.answered');
    const asked = { tool: 'ask', subject: 'usr_asked', requestId: expect.any(String) };
    await eventually(
      () => Promise.resolve(answered()),
      [
        expect.objectContaining({ ...asked, outcome: 'success', reason: 'accept' }),
        expect.objectContaining({ ...asked, outcome: 'denied', reason: 'decline' }),
      ],
    );
  });

  it('records the configuration, and changes of the tool policy and of revocations', async () => {
    recordChanges(aerie.application, audit, process.env);
    const found = (expected: Partial<AuditRecord>): Promise<void> =>
      eventually(
        () => Promise.resolve(records()),
        expect.arrayContaining([expect.objectContaining(expected)]),
      );
    await found({ event: 'config.loaded', version: VERSION, digest: configurationDigest(process.env) });
    await found({ event: 'policy.loaded', digest: createHash('sha256').update('{}').digest('hex') });

    const text = JSON.stringify({ '*': { deny: ['whoami'] } });
    writeFileSync(`${policy}.new`, text);
    renameSync(`${policy}.new`, policy);
    await found({ event: 'policy.changed', digest: createHash('sha256').update(text).digest('hex') });

    writeFileSync(`${policy}.new`, '{');
    renameSync(`${policy}.new`, policy);
    await found({ event: 'policy.changed', outcome: 'failure' });

    await revoke('--subject', 'usr_9');
    await found({ event: 'revocation.added', subject: 'usr_9', actor: userInfo().username });
    await revoke('--undo', '--subject', 'usr_9');
    await found({ event: 'revocation.removed', subject: 'usr_9' });
  });

  it('records who revoked by the command, in the trail of the command itself', async () => {
    const own = join(directory, 'command');
    const environment = { AUDIT: 'file:refuse', AUDIT_DIRECTORY: own };
    await revoke('--subject', 'usr_8', '--by', 'ticket 42');
    expect(readdirSync(directory)).not.toContain('command');
    await revokeWith(environment, '--subject', 'usr_8', '--by', 'ticket 42');
    await revokeWith(environment, '--undo', '--subject', 'usr_8');
    const { stdout } = await runCommand('audit', ['list', own], directory, {});
    const recorded = stdout.split('\n').filter((line) => line.includes('revocation.'));
    expect(recorded).toHaveLength(2); // in two files of the same second, so in either order
    expect(recorded.map((line): unknown => JSON.parse(line))).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ event: 'revocation.added', subject: 'usr_8', actor: 'ticket 42' }),
        expect.objectContaining({
          event: 'revocation.removed',
          subject: 'usr_8',
          actor: userInfo().username,
        }),
      ]),
    );
    expect((await runCommand('audit', ['verify', own], directory, {})).code).toBe(0);
  });

  it('holds no argument that is not declared, no result and no token', () => {
    const text = readFileSync(pathOf(), 'utf8');
    expect(text).not.toMatch(/hunter\d|eyJ/);
  });

  it('is readable by its owner only', () => {
    expect(statSync(pathOf()).mode & 0o777).toBe(0o600);
  });

  it('can be listed and converted, and is verified by the command', async () => {
    await audit.close();
    const list = async (...options: string[]): Promise<AuditRecord[]> => {
      const { stdout } = await runCommand('audit', ['list', directory, ...options], directory, {});
      return stdout
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as AuditRecord);
    };
    expect(await list('--tool', 'refund', '--outcome', 'success')).toHaveLength(2);
    const none = ['list', directory, '--tool', 'refnd', '--until', '2020-01-01'];
    expect(await runCommand('audit', none, directory, {})).toEqual({
      code: 0,
      stdout: '',
      stderr: 'No record matches: tool "refnd", until "2020-01-01".\n',
    });
    for (const time of ['2020-01-01T12:00Z', '2020-01-01T12:00:30+01:00'])
      expect(await runCommand('audit', ['list', directory, '--until', time], directory, {})).toMatchObject({
        code: 0,
        stdout: '',
      });
    for (const command of ['list', 'verify'])
      expect(await runCommand('audit', [command, directory, '--postgres'], directory, {})).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('--postgres does not read the directory'),
      });
    for (const days of ['0', '1e3', 'x'])
      expect(await runCommand('audit', ['prune', '--days', days], directory, {})).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('Set --days or AUDIT_RETENTION_DAYS'),
      });
    const missing = await runCommand('audit', ['list', join(directory, 'missing')], directory, {});
    expect(missing).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^There are no audit records in .*missing\. Name another directory/),
    });
    for (const [option, value] of [
      ['outcome', 'deny'],
      ['event', 'tool.calls'],
    ]) {
      const unknown = await runCommand(
        'audit',
        ['list', directory, `--${option}`, `${value}`],
        directory,
        {},
      );
      expect(unknown).toMatchObject({
        code: 2,
        stderr: expect.stringContaining(`Unknown ${option} "${value}". Use one of: `),
      });
    }
    const [ocsf] = await list('--event', 'access.denied', '--format', 'ocsf');
    expect(ocsf).toMatchObject({ class_uid: 6003, status_id: 2, api: { operation: 'admin_tool' } });
    const [rejected] = await list('--event', 'token.rejected', '--format', 'ocsf');
    expect(rejected).toMatchObject({
      class_uid: 3002,
      service: { name: 'Aerie', uid: expect.any(String) },
      user: { name: 'unknown', type_id: 0 },
    });
    const [ecs] = await list('--event', 'token.rejected', '--format', 'ecs');
    expect(ecs).toMatchObject({
      event: { category: ['authentication'], type: ['start'], outcome: 'failure' },
    });

    const verify = (...options: string[]) =>
      runCommand('audit', ['verify', directory, ...options], directory, {});
    const whole = await verify();
    expect([whole.code, whole.stdout]).toEqual([
      0,
      expect.stringContaining('No record was changed, removed or inserted.'),
    ]);
    expect((await verify('--closed')).code).toBe(0);
    const server = mkdtempSync(join(directory, 'server-'));
    writeFileSync(join(server, '.env'), `AUDIT_DIRECTORY=${directory}`);
    expect((await runCommand('audit', ['verify'], server, {})).stdout).toBe(whole.stdout);
    const path = pathOf();
    const text = readFileSync(path, 'utf8');
    const copy = join(directory, `audit-20990101T000000Z-${randomUUID()}.jsonl`);
    writeFileSync(copy, text);
    const copied = await verify();
    expect([copied.code, copied.stderr]).toEqual([1, expect.stringContaining(`is also in ${path}.`)]);
    rmSync(copy);
    // The end of a chain that is removed looks like the end of one whose process was killed.
    writeFileSync(path, text.replace(/[^\n]*\n$/, ''));
    const shortened = await verify();
    expect([shortened.code, shortened.stdout]).toEqual([
      0,
      expect.stringContaining('unless it was removed from the end of a chain that is not closed.'),
    ]);
    const unclosed = await verify('--closed');
    expect([unclosed.code, unclosed.stderr]).toEqual([
      1,
      expect.stringContaining('or the records after them were removed.'),
    ]);
    writeFileSync(path, text.slice(0, -10)); // as if it had been killed
    const torn = await verify();
    expect([torn.code, torn.stdout]).toEqual([0, expect.stringContaining('The line after them is cut off')]);
    expect(await list('--event', 'chain.closed')).toEqual([]);
    writeFileSync(path, text.replace('inv_1', 'inv_2'));
    const changed = await verify();
    expect([changed.code, changed.stderr]).toEqual([1, expect.stringMatching(/line \d+ was changed/)]);
  });
});
