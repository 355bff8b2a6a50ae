import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';

import { Client } from 'pg';

import type { AuditRecord } from '../src/audit/audit-record.js';
import { Chain } from '../src/audit/chain.js';
import { AUDIT_SCHEMA } from '../src/audit/postgres/schema.js';
import { PostgresSink } from '../src/audit/postgres/postgres-sink.js';
import { SinkQueue } from '../src/audit/sink-queue.js';
import { checkAudit } from '../src/cli/check/check-audit.js';
import { loadConfiguration } from '../src/config/load-configuration.js';
import { type PostgresServer, startPostgres } from './support/postgres.js';
import { type CommandResult, runCommand } from './support/run-command.js';
import { until } from './support/until.js';

const DAY_MS = 24 * 60 * 60 * 1_000;
const ROLES = ['aerie_audit_owner', 'aerie_audit_writer', 'aerie_audit_reader'];

describe('the audit trail in PostgreSQL', () => {
  let postgres: PostgresServer;
  let database: string;
  const urlOf = (role: string): string => postgres.url(role, database);
  const audit = (role: string, ...parameters: string[]): Promise<CommandResult> =>
    runCommand('audit', parameters, tmpdir(), { AUDIT_DATABASE_URL: urlOf(role) });
  const verify = (): Promise<CommandResult> => audit('aerie_audit_reader', 'verify', '--postgres');

  beforeAll(async () => {
    postgres = await startPostgres();
    database = (await postgres.createDatabase()).name;
    const { stdout } = await runCommand('audit', ['schema'], tmpdir(), {});
    await postgres.run(stdout, database);
    await postgres.run(stdout, database); // can be repeated
    for (const role of ROLES) await postgres.run(`alter role ${role} password '${role}'`);
  });
  afterAll(() => postgres.remove());
  beforeEach(() => postgres.run('truncate aerie_audit.records', database));

  const opened = (chain: Chain, time: number) =>
    chain.add({ event: 'chain.opened', outcome: 'success' }, time);
  /** Writes a chain as the server does. */
  async function write(time: number, ...tools: string[]): Promise<Chain> {
    const chain = new Chain('test', time);
    const sink = new PostgresSink(() => urlOf('aerie_audit_writer'));
    const lines = [
      opened(chain, time),
      ...tools.map((tool) =>
        chain.add({ event: 'tool.call', outcome: 'success', tool, subject: 'a\0b' }, time),
      ),
      chain.add({ event: 'chain.closed', outcome: 'success' }, time),
    ];
    await sink.write(lines);
    await sink.write(lines); // as after an answer that got lost
    await sink.close();
    return chain;
  }
  const listed = async (...options: string[]): Promise<AuditRecord[]> => {
    const { stdout, stderr } = await audit('aerie_audit_reader', 'list', '--postgres', ...options);
    expect(stderr).toBe('');
    return stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as AuditRecord);
  };

  it('stores each record once, and lists and verifies them', async () => {
    const now = Date.now();
    await write(now - 20 * DAY_MS, 'refund');
    await write(now, 'refund', 'greet');
    expect(await listed()).toHaveLength(7);
    expect(await listed('--tool', 'refund')).toEqual([
      expect.objectContaining({ tool: 'refund', subject: 'a\0b' }),
      expect.objectContaining({ tool: 'refund' }),
    ]);
    expect(await listed('--since', new Date(now - DAY_MS).toISOString(), '--event', 'tool.call')).toEqual([
      expect.objectContaining({ tool: 'refund' }),
      expect.objectContaining({ tool: 'greet' }),
    ]);
    expect(await verify()).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('7 records in 2 chains'),
    });
  });

  it('lists the record of a refused batch by each of its tools', async () => {
    await write(Date.now(), 'greet,refund', 'refunds');
    for (const tool of ['greet', 'refund'])
      expect(await listed('--tool', tool)).toEqual([expect.objectContaining({ tool: 'greet,refund' })]);
  });

  it('stores the record of a batch with many tools, and finds it through an index', async () => {
    const names = Array.from({ length: 60 }, () => randomBytes(60).toString('hex'));
    await write(Date.now(), names.join(','));
    expect(await listed('--tool', names.at(-1) ?? '')).toHaveLength(1);
    const client = new Client(urlOf('aerie_audit_owner'));
    await client.connect();
    try {
      await client.query('set enable_seqscan = off'); // the table is small
      const { rows } = await client.query<object>(
        `explain select from aerie_audit.records
         where tool is not null and string_to_array(tool, ',') @> array['a']`,
      );
      expect(JSON.stringify(rows)).toContain('_string_to_array_idx');
    } finally {
      await client.end();
    }
  });

  it('stores such a record once the schema of an earlier version is updated', async () => {
    const earlier = (await postgres.createDatabase()).name;
    const old = AUDIT_SCHEMA.replace('drop index if exists aerie_audit.records_tool;', '').replace(
      /records_tools on aerie_audit.records using gin .*/,
      'records_tool on aerie_audit.records (tool, time)',
    );
    await postgres.run(old, earlier);
    const sink = new PostgresSink(() => postgres.url('aerie_audit_writer', earlier));
    const time = Date.now();
    const chain = new Chain('test', time);
    const tool = Array.from({ length: 60 }, () => randomBytes(60).toString('hex')).join(',');
    const long = chain.add({ event: 'access.denied', outcome: 'denied', tool }, time);
    await expect(sink.write([long])).rejects.toThrow(/exceeds btree/);
    await postgres.run(AUDIT_SCHEMA, earlier);
    await sink.write([long]);
    await sink.close();
    const indexes = await postgres.run<{ name: string }>(
      `select indexrelid::regclass::text as name from pg_index where indrelid::regclass::text like '%records%'`,
      earlier,
    );
    expect(indexes.filter(({ name }) => name.includes('tool'))).toHaveLength(1);
  });

  it('leaves out a record that the database cannot store, and stores the others', async () => {
    const latin = 'latin';
    await postgres.run(`create database ${latin} template template0 encoding 'LATIN1' locale 'C'`);
    await postgres.run(AUDIT_SCHEMA, latin);
    const handlers = { onFailure: jest.fn(), onRecovery: jest.fn(), onLoss: jest.fn() };
    const sink = new PostgresSink(() => postgres.url('aerie_audit_writer', latin));
    const queue = new SinkQueue(sink, 'drop', handlers);
    const time = Date.now();
    const chain = new Chain('test', time);
    for (const subject of ['é', '漢', 'a'])
      queue.add(chain.add({ event: 'tool.call', outcome: 'success', subject }, time));
    await until(() => queue.length === 0);
    await queue.close();
    expect(queue.missed).toBe(1);
    expect(handlers.onFailure).toHaveBeenCalledTimes(1);
    expect(String(handlers.onFailure.mock.calls[0]?.[1])).toMatch(/no equivalent in encoding "LATIN1"/);
    expect(await postgres.run('select subject from aerie_audit.records order by seq', latin)).toEqual([
      { subject: 'é' },
      { subject: 'a' },
    ]);
  });

  it.each([
    ['a changed byte', `set line = replace(line, 'refund', 'refunds') where tool = 'refund'`, /was changed/],
    ['a changed column', `set tool = 'greet' where tool = 'refund'`, /columns differ/],
    ['a record in another place', `set seq = 9 where tool = 'refund'`, /columns differ|instead of/],
  ])('finds %s', async (_what, change, expected) => {
    await write(Date.now(), 'refund');
    await postgres.run(`update aerie_audit.records ${change}`, database);
    expect(await verify()).toMatchObject({ code: 1, stderr: expect.stringMatching(expected) });
  });

  it('finds a removed record, and a trail without any', async () => {
    await write(Date.now(), 'refund');
    await postgres.run(`delete from aerie_audit.records where tool = 'refund'`, database);
    expect(await verify()).toMatchObject({ code: 1, stderr: expect.stringMatching(/missing/) });
    await postgres.run('truncate aerie_audit.records', database);
    expect(await verify()).toMatchObject({ code: 1, stderr: expect.stringMatching(/no audit records/) });
  });

  it('lets the server insert, the auditor read, and neither do more', async () => {
    await write(Date.now(), 'refund');
    const [row] = await postgres.run<{ partition: string }>(
      `select tableoid::regclass::text as partition from aerie_audit.records`,
      database,
    );
    const rights = (role: string, table: string) =>
      postgres.run<{ right: string }>(
        `select r as right from unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER']) r
         where has_table_privilege('${role}', '${table}', r)`,
        database,
      );
    expect(await rights('aerie_audit_writer', 'aerie_audit.records')).toEqual([{ right: 'INSERT' }]);
    expect(await rights('aerie_audit_reader', 'aerie_audit.records')).toEqual([{ right: 'SELECT' }]);
    for (const role of ['aerie_audit_writer', 'aerie_audit_reader']) {
      expect(await rights(role, row?.partition ?? '')).toEqual([]);
      expect((await audit(role, 'prune', '--days', '1')).stderr).toMatch(/permission denied/);
    }
    expect((await audit('aerie_audit_writer', 'list', '--postgres')).stderr).toMatch(/permission denied/);
  });

  const checked = async (url: string, onFull: 'drop' | 'refuse' = 'drop'): Promise<string> => {
    const { audit: settings } = loadConfiguration({ AUDIT: `postgres:${onFull}`, AUDIT_DATABASE_URL: url });
    const { errors, warnings } = await checkAudit({ audit: settings });
    return [...errors.map(({ message }) => message), ...warnings].join('\n');
  };

  it('is checked before a deployment: reachable, prepared, and with a role that only inserts', async () => {
    await write(Date.now(), 'refund');
    expect(await checked(urlOf('aerie_audit_writer'))).toBe('');
    expect(await checked(urlOf('aerie_audit_reader'))).toMatch(/cannot insert audit records/);
    expect(await checked(urlOf('aerie_audit_owner'))).toMatch(/can change audit records/);
    await postgres.run('grant delete on aerie_audit.records to aerie_audit_writer', database);
    expect(await checked(urlOf('aerie_audit_writer'))).toMatch(/can change audit records/);
    await postgres.run('revoke delete on aerie_audit.records from aerie_audit_writer', database);
    expect(await checked(postgres.url('aerie_audit_writer'))).toMatch(/without the table/);
    const elsewhere = 'postgresql://aerie_audit_writer:secret@127.0.0.1:1/none';
    expect(await checked(elsewhere)).toMatch(/cannot be reached .* calls are not recorded there/);
    expect(await checked(elsewhere, 'refuse')).toMatch(/the server refuses all calls/);
    expect(await checked(elsewhere)).not.toContain('secret');
  });

  it('ends a statement that waits for a lock, and writes the records when the lock is gone', async () => {
    const [role] = await postgres.run<{ setting: string }>(
      `select setting from pg_roles, unnest(rolconfig) setting where rolname = 'aerie_audit_writer'`,
    );
    expect(role?.setting).toBe('statement_timeout=8s');
    await write(Date.now(), 'refund');
    await postgres.run(`alter role aerie_audit_writer set statement_timeout = '100ms'`);
    const other = new Client(urlOf('aerie_audit_owner'));
    await other.connect();
    const sink = new PostgresSink(() => urlOf('aerie_audit_writer'));
    try {
      await other.query('begin; lock table aerie_audit.records in access exclusive mode');
      const time = Date.now();
      const line = opened(new Chain('test', time), time);
      await expect(sink.write([line])).rejects.toThrow(/statement timeout/);
      const waiting = `select from pg_stat_activity where usename = 'aerie_audit_writer' and state = 'active'`;
      expect(await postgres.run(waiting)).toEqual([]);
      await other.query('rollback');
      await sink.write([line]);
      expect(await listed('--event', 'chain.opened')).toHaveLength(2);
    } finally {
      await other.end();
      await sink.close();
      await postgres.run(`alter role aerie_audit_writer set statement_timeout = '8s'`);
    }
  });

  it('connects again with a changed connection string, and keeps records until it works', async () => {
    let url = urlOf('aerie_audit_writer');
    const sink = new PostgresSink(() => url);
    const time = Date.now();
    const chain = new Chain('test', time);
    try {
      await sink.write([opened(chain, time)]);
      const changed = new URL(url);
      changed.password = 'second';
      url = changed.href;
      const line = chain.add({ event: 'tool.call', outcome: 'success' }, time);
      await expect(sink.write([line])).rejects.toThrow(/password authentication failed/);
      await postgres.run(`alter role aerie_audit_writer password 'second'`);
      await sink.write([line]);
      expect(await listed()).toHaveLength(2);
    } finally {
      await sink.close();
      await postgres.run(`alter role aerie_audit_writer password 'aerie_audit_writer'`);
    }
  });

  it('leaves a server that hangs as soon as the connection string names another', async () => {
    let url = urlOf('aerie_audit_writer');
    const sink = new PostgresSink(() => url);
    const time = Date.now();
    const chain = new Chain('test', time);
    await sink.write([opened(chain, time)]);
    const [backend] = await postgres.run<{ pid: number }>(
      `select pid from pg_stat_activity where usename = 'aerie_audit_writer'`,
    );
    if (!backend) throw new Error('The sink has no connection.');
    process.kill(backend.pid, 'SIGSTOP');
    try {
      const changed = new URL(url);
      changed.searchParams.set('application_name', 'other');
      url = changed.href;
      await sink.write([chain.add({ event: 'tool.call', outcome: 'success' }, time)]);
    } finally {
      process.kill(backend.pid, 'SIGCONT');
      await sink.close();
    }
    expect(await listed()).toHaveLength(2);
  });

  it('verifies a record whose subject is no Unicode text', async () => {
    const sink = new PostgresSink(() => urlOf('aerie_audit_writer'));
    const time = Date.now();
    const chain = new Chain('test', time);
    const subject = 'a\ud800b';
    await sink.write([
      opened(chain, time),
      chain.add({ event: 'tool.call', outcome: 'success', subject }, time),
    ]);
    await sink.close();
    expect(await verify()).toMatchObject({ code: 0 });
  });

  it.each(['{"seq":0,"hash":"","chain":1}', '{"seq":0,"hash":"","chain":"x","organization":1}', 'null'])(
    'names a row that somebody has inserted: %s',
    async (line) => {
      await write(Date.now(), 'refund');
      await postgres.run(
        `insert into aerie_audit.records (day, chain, seq, time, event, outcome, line)
           values (current_date, 'forged', 0, now(), 'tool.call', 'success', '${line}')`,
        database,
      );
      expect(await verify()).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('chain forged: line 1 is not a record.'),
      });
    },
  );

  it('writes the end of a chain that is months old, after the connection was lost', async () => {
    const sink = new PostgresSink(() => urlOf('aerie_audit_writer'));
    const time = Date.now() - 140 * DAY_MS;
    const month = new Date(time).toISOString().slice(0, 7);
    await postgres.run(
      `set role aerie_audit_owner;
       create table if not exists aerie_audit.records_${month.replace('-', '')} partition of aerie_audit.records
         for values from ('${month}-01') to (date '${month}-01' + interval '1 month')`,
      database,
    );
    const chain = new Chain('test', time);
    await sink.write([opened(chain, time)]);
    await sink.close();
    await sink.write([chain.add({ event: 'chain.closed', outcome: 'success' }, Date.now())]);
    await sink.close();
    expect(await verify()).toMatchObject({ code: 0 });
  });

  it('opens no month but the ones around now', async () => {
    const sink = new PostgresSink(() => urlOf('aerie_audit_writer'));
    for (const days of [-100, 100]) {
      const time = Date.now() + days * DAY_MS;
      const written = sink.write([opened(new Chain('test', time), time)]);
      await expect(written).rejects.toThrow(/cannot be created/);
    }
    for (const days of [-60, 60]) {
      const time = Date.now() + days * DAY_MS;
      await sink.write([opened(new Chain('test', time), time)]);
    }
    await sink.close();
  });

  it('opens the month of a chain although the month four weeks later is too far', async () => {
    const time = Date.now() + 75 * DAY_MS;
    jest.spyOn(Date, 'now').mockReturnValue(time);
    await write(time, 'refund');
    expect(await listed()).toHaveLength(3);
  });

  it('leaves out the records of a wrong clock once it is corrected, and stores later ones', async () => {
    const handlers = { onFailure: jest.fn(), onRecovery: jest.fn(), onLoss: jest.fn() };
    const queue = new SinkQueue(new PostgresSink(() => urlOf('aerie_audit_writer')), 'refuse', handlers);
    const wrong = Date.now() + 730 * DAY_MS;
    const clock = jest.spyOn(Date, 'now').mockReturnValue(wrong);
    const first = new Chain('test', wrong);
    for (let count = 0; count < 5; count++) queue.add(opened(first, wrong));
    await until(() => handlers.onFailure.mock.calls.length > 0);
    expect(queue.missed).toBe(0);
    clock.mockRestore();
    const time = Date.now();
    queue.add(opened(new Chain('test', time), time));
    await until(() => queue.hasWritten);
    await queue.close();
    expect(queue.missed).toBe(5);
    expect(String(handlers.onFailure.mock.calls[0]?.[1])).toMatch(/cannot be created/);
    expect(await listed()).toHaveLength(1);
  });

  it('drops the months that ended long enough ago, by the role of the owner', async () => {
    await write(Date.now(), 'refund');
    await postgres.run(
      `create table aerie_audit.records_202001 partition of aerie_audit.records
         for values from ('2020-01-01') to ('2020-02-01');
       alter table aerie_audit.records_202001 owner to aerie_audit_owner`,
      database,
    );
    const prune = (days: number): Promise<CommandResult> =>
      audit('aerie_audit_owner', 'prune', '--days', String(days));
    expect(await prune(0)).toMatchObject({ code: 2 });
    expect((await prune(100_000)).stdout).toMatch(/No month/);
    expect((await prune(365)).stdout).toBe('Dropped records_202001.\n');
    expect(await listed()).toHaveLength(3);
  });

  it('keeps records while PostgreSQL is down', async () => {
    const handlers = { onFailure: jest.fn(), onRecovery: jest.fn(), onLoss: jest.fn() };
    const queue = new SinkQueue(new PostgresSink(() => urlOf('aerie_audit_writer')), 'refuse', handlers);
    const time = Date.now();
    const chain = new Chain('test', time);
    queue.add(opened(chain, time));
    await until(() => !queue.isRefusing);
    await postgres.stop();
    queue.add(chain.add({ event: 'tool.call', outcome: 'success' }, time));
    await until(() => handlers.onFailure.mock.calls.length > 0);
    await postgres.start();
    await until(() => handlers.onRecovery.mock.calls.length > 0);
    await queue.close();
    expect(await listed()).toHaveLength(2);
    expect(handlers.onLoss).not.toHaveBeenCalled();
  });
});
