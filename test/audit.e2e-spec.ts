import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Injectable, Module } from '@nestjs/common';
import { z } from 'zod';

import { recordChanges } from '../src/audit-of.js';
import type { AuditRecord } from '../src/audit/audit-record.js';
import { type Audit, startAudit } from '../src/audit/start-audit.js';
import { configurationDigest } from '../src/config/configuration-digest.js';
import { VERSION } from '../src/version.js';
import { McpPrompt, McpTool, redacted, ToolError } from '../src/mcp/index.js';
import { type Aerie, startAerie } from './support/aerie.js';
import { runCommand } from './support/run-command.js';
import { ERAS, message, post, toolCall } from './support/rpc.js';
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
  redact: [],
  digestKey: undefined,
} as const;
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
    const digestKey = 'k'.repeat(32);
    audit = await startAudit({ ...AUDIT, sinks, directory, digestKey }, 'test', log);
    aerie = await startAerie({
      observers: [audit.observer],
      modules: [RefundModule],
      environment: { TOOL_POLICY: policy },
    });
  });
  afterAll(async () => {
    await aerie.close();
    rmSync(directory, { recursive: true });
  });

  const pathOf = (): string =>
    join(directory, readdirSync(directory).find((name) => name.endsWith('.jsonl')) ?? '');
  const records = (): AuditRecord[] =>
    readFileSync(pathOf(), 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as AuditRecord);
  /** Waits for the record of the request with this response. */
  async function recordOf(response: Response): Promise<AuditRecord> {
    await response.text();
    const id = response.headers.get('x-request-id');
    let found: AuditRecord | undefined;
    await until(() => {
      found =
        readdirSync(directory).length > 0 ? records().find(({ requestId }) => requestId === id) : undefined;
      return found !== undefined;
    });
    if (!found) throw new Error('There is no record.');
    return found;
  }
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
      'a call of an unknown tool',
      (token) => post(aerie.url, token, message(toolCall('no_such_tool'))),
      { event: 'access.denied', outcome: 'denied', reason: 'unknown_target', organization: 'org_acme' },
    ],
    [
      'an attempt on a hidden prompt, which the answer does not betray',
      (token) => post(aerie.url, token, message({ method: 'prompts/get', params: { name: 'handover' } })),
      { event: 'access.denied', outcome: 'denied', reason: 'hidden_target', prompt: 'handover' },
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

  it('records the configuration, and changes of the tool policy and of revocations', async () => {
    recordChanges(aerie.application, audit);
    const found = (expected: Partial<AuditRecord>): Promise<void> =>
      eventually(
        () => Promise.resolve(records()),
        expect.arrayContaining([expect.objectContaining(expected)]),
      );
    await found({ event: 'config.loaded', version: VERSION, digest: configurationDigest(process.env) });

    const text = JSON.stringify({ '*': { deny: ['whoami'] } });
    writeFileSync(`${policy}.new`, text);
    renameSync(`${policy}.new`, policy);
    await found({ event: 'policy.changed', digest: createHash('sha256').update(text).digest('hex') });

    const revoke = (...options: string[]): Promise<unknown> =>
      runCommand('revoke', [...options, '--subject', 'usr_9'], directory, {
        STATE_DIRECTORY: aerie.stateDirectory,
      });
    await revoke();
    await found({ event: 'revocation.added', subject: 'usr_9' });
    await revoke('--undo');
    await found({ event: 'revocation.removed', subject: 'usr_9' });
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
    expect(await list('--until', '2020-01-01')).toEqual([]);
    const [ocsf] = await list('--event', 'access.denied', '--format', 'ocsf');
    expect(ocsf).toMatchObject({ class_uid: 6003, status_id: 2, api: { operation: 'admin_tool' } });
    const [ecs] = await list('--event', 'token.rejected', '--format', 'ecs');
    expect(ecs).toMatchObject({ event: { category: ['authentication'], outcome: 'failure' } });

    const verify = () => runCommand('audit', ['verify', directory], directory, {});
    const whole = await verify();
    expect([whole.code, whole.stdout]).toEqual([0, expect.stringContaining('No record was changed')]);
    const path = pathOf();
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replace('inv_1', 'inv_2'));
    const changed = await verify();
    expect([changed.code, changed.stderr]).toEqual([1, expect.stringMatching(/line \d+ was changed/)]);
  });
});
