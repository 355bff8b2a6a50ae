import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { Injectable, Module } from '@nestjs/common';

import { startAuditTrail } from '../src/audit/start-audit-trail.js';
import { reloadAudit } from '../src/audit-of.js';
import { CONFIGURATION, type Configuration } from '../src/config/configuration.js';
import { loadConfiguration } from '../src/config/load-configuration.js';
import { Reloads } from '../src/config/reloads.js';
import { Database } from '../src/database/database.js';
import { McpTool } from '../src/mcp/index.js';
import { ToolPolicyService } from '../src/mcp/policy/tool-policy.service.js';
import { ConfigurationReload, textsOf } from '../src/reload.js';
import { providerOf } from '../src/routes/provider-of.js';
import { listen } from '../src/values/listen.js';
import { type Aerie, startAerie } from './support/aerie.js';
import { instanceVariables } from './support/compose-file.js';
import { claimsFor, OwnKey, startWithOwnKeys } from './support/own-keys.js';
import { type PostgresServer, startPostgres } from './support/postgres.js';
import { message, post, toolCall } from './support/rpc.js';
import { until } from './support/until.js';

const LIST = message({ method: 'tools/list' });
const TODOS = message(toolCall('list_todos', { status: 'all' }));

describe('a running server', () => {
  let directory: string;
  let aerie: Aerie;
  let reload: ConfigurationReload;
  let outcomes: string[];
  let firstLine: number;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'aerie-reload-'));
    outcomes = [];
  });
  afterEach(async () => {
    reload?.stop();
    await aerie?.close();
    rmSync(directory, { recursive: true });
  });

  /** Writes a value to the file that a variable names. */
  const write = (name: string, value: string): string => {
    const path = join(directory, name);
    writeFileSync(path, value);
    return path;
  };
  const follow = async (started: Aerie): Promise<void> => {
    aerie = started;
    firstLine = aerie.logs.length;
    const { variables, application } = aerie;
    const reloads = application.get(Reloads, { strict: false });
    reload = new ConfigurationReload(
      reloads,
      textsOf(variables),
      (outcome) => outcomes.push(outcome),
      () => Promise.resolve(variables),
    );
    await reload.start();
  };
  const status = async (token: string): Promise<number> => (await post(aerie.url, token, LIST)).status;
  const lines = (text: string): string[] => aerie.logs.slice(firstLine).filter((line) => line.includes(text));

  it('adopts changed limits from a file, and rejects an invalid value', async () => {
    const file = write('limit', '1000/min');
    await follow(await startAerie({ environment: { RATE_LIMIT_CALLER: '', RATE_LIMIT_CALLER_FILE: file } }));
    const token = await aerie.token();
    expect(await status(token)).toBe(200);

    write('limit', '1/h');
    await until(() => outcomes.length === 1);
    expect(await status(token)).toBe(429);
    expect(lines('Reloaded the configuration. Changed: RATE_LIMIT_CALLER.')).toHaveLength(1);

    write('limit', 'many');
    await until(() => outcomes.length === 2);
    expect(reload.isRejected).toBe(true);
    expect(await status(token)).toBe(429);
    expect(lines('RATE_LIMIT_CALLER_FILE \\"many\\" is invalid. Use a rate such as 120/min')).toHaveLength(1);

    write('limit', '1000/min');
    await until(() => outcomes.length === 3);
    expect(outcomes).toEqual(['success', 'failure', 'success']);
    expect(reload.isRejected).toBe(false);
    expect(await status(token)).toBe(200);
  });

  it('keeps a limit whose file has become empty, as one that is being written', async () => {
    const file = write('limit', '1/h');
    await follow(await startAerie({ environment: { RATE_LIMIT_CALLER: '', RATE_LIMIT_CALLER_FILE: file } }));
    const token = await aerie.token();
    expect(await status(token)).toBe(200);

    write('limit', '');
    await reload.reload();
    expect(outcomes).toEqual(['failure']);
    expect(await status(token)).toBe(429);
    expect(lines('RATE_LIMIT_CALLER_FILE names a file that is empty now.')).toHaveLength(1);

    write('limit', '1/h');
    await reload.reload();
    expect(outcomes).toEqual(['failure', 'success']);
    expect(reload.isRejected).toBe(false);
  });

  it('names the changes that need a restart, and keeps the settings in force', async () => {
    await follow(await startAerie());
    Object.assign(aerie.variables, { SERVER_NAME: 'other', MAX_LISTENERS: '7', BILLING_URL: 'https://b' });
    await reload.reload();
    expect(lines('Reloaded the configuration. Changed: MAX_LISTENERS.')).toHaveLength(1);
    expect(lines('only after a restart: SERVER_NAME, BILLING_URL.')).toHaveLength(1);
    expect(providerOf(aerie.application, CONFIGURATION)).toMatchObject({ server: { name: 'aerie' } });
    await reload.reload();
    expect(lines('The configuration has not changed.')).toHaveLength(1);

    Object.assign(aerie.variables, { SERVER_NAME: 'another' });
    await reload.reload();
    expect(lines('Reloaded the configuration.')).toHaveLength(1);
    expect(lines('only after a restart: SERVER_NAME.')).toHaveLength(1);

    Object.assign(aerie.variables, { SERVER_NAME: '', BILLING_URL: 'https://c' });
    await reload.reload();
    expect(lines('only after a restart: BILLING_URL.')).toHaveLength(1);
  });

  it('warns of a tool that nobody can call with a lowered limit', async () => {
    @Injectable()
    class DearTools {
      @McpTool({ name: 'dear', scopes: 'authenticated', description: 'Costs five.', cost: 5 })
      dear(): string {
        return 'done';
      }
    }
    @Module({ providers: [DearTools] })
    class DearModule {}
    await follow(await startAerie({ modules: [DearModule] }));
    Object.assign(aerie.variables, { RATE_LIMIT_CALLER: '3/min' });
    await reload.reload();
    expect(lines('dear: its cost of 5 is more than RATE_LIMIT_CALLER allows')).toHaveLength(1);
  });

  it('waits with changes that are valid only together with some that need a restart', async () => {
    const webhook = {
      AUDIT: 'webhook',
      AUDIT_WEBHOOK_URL: 'https://siem.example.com',
      AUDIT_WEBHOOK_SECRET: `whsec_${'a'.repeat(44)}`,
    };
    await follow(await startAerie({ environment: webhook }));
    const adopt = jest.fn();
    aerie.application.get(Reloads, { strict: false }).on(['AUDIT_WEBHOOK_SECRET'], adopt);
    const none = { AUDIT: 'stdout', AUDIT_WEBHOOK_URL: '', AUDIT_WEBHOOK_SECRET: '' };
    Object.assign(aerie.variables, none, { MAX_LISTENERS: '7' });
    await reload.reload();
    expect(adopt).not.toHaveBeenCalled();
    expect(lines('Reloaded the configuration.')).toHaveLength(0);
    const [waiting] = lines('only after a restart');
    for (const name of [...Object.keys(webhook), 'MAX_LISTENERS']) expect(waiting).toContain(name);

    Object.assign(aerie.variables, webhook);
    await reload.reload();
    expect(lines('Reloaded the configuration. Changed: MAX_LISTENERS.')).toHaveLength(1);
  });

  it('keeps its secret for the state of calls if that is removed, until a restart', async () => {
    await follow(await startAerie({ environment: { REQUEST_STATE_SECRET: 's'.repeat(32) } }));
    Object.assign(aerie.variables, { REQUEST_STATE_SECRET: '' });
    await reload.reload();
    expect(lines('only after a restart: REQUEST_STATE_SECRET.')).toHaveLength(1);
  });

  it('warns of a misspelled variable, which a restart would not help', async () => {
    await follow(await startAerie());
    Object.assign(aerie.variables, { RATE_LIMIT_CALER: '3/min', MAX_LISTENERS: '7' });
    await reload.reload();
    expect(lines('RATE_LIMIT_CALER is not a variable of Aerie')).toHaveLength(1);
    expect(lines('Reloaded the configuration. Changed: MAX_LISTENERS.')).toHaveLength(1);
    expect(lines('only after a restart')).toHaveLength(0);

    Object.assign(aerie.variables, { MAX_LISTENERS: '8' });
    await reload.reload();
    expect(lines('RATE_LIMIT_CALER is not a variable of Aerie')).toHaveLength(1);
  });

  it('separates the problems of an invalid change', async () => {
    await follow(await startAerie());
    Object.assign(aerie.variables, { RATE_LIMIT_CALLER: 'many', REQUEST_STATE_SECRET: 'short' });
    await reload.reload();
    expect(lines('openssl rand -base64 32 | RATE_LIMIT_CALLER \\"many\\" is invalid.')).toHaveLength(1);
  });

  it('replaces public keys under load without rejecting a valid token', async () => {
    const [old, fresh] = [new OwnKey(), new OwnKey('P-256')];
    const file = write('public.pem', old.pem);
    await follow(await startWithOwnKeys({ JWT_PUBLIC_KEY_FILE: file }));
    const [before, after] = await Promise.all([old, fresh].map((key) => key.sign(claimsFor(aerie))));
    if (before === undefined || after === undefined) throw new Error('No token was signed.');
    expect(await status(before)).toBe(200);
    expect(await status(after)).toBe(401);

    const load = keepCalling(() => post(aerie.url, before, LIST));
    write('public.pem', old.pem + fresh.pem);
    await until(() => outcomes.length === 1);
    expect(await status(after)).toBe(200);
    expect(await load.end()).toEqual([200]);

    write('public.pem', fresh.pem);
    await until(() => outcomes.length === 2);
    expect(await status(before)).toBe(401);
    expect(await status(after)).toBe(200);
  });

  it('says that a changed tool policy is invalid until it is valid again', async () => {
    const file = write('policy.json', '{}');
    await follow(await startAerie({ environment: { TOOL_POLICY: file } }));
    const policy = providerOf(aerie.application, ToolPolicyService);
    policy.onRefusal(() => outcomes.push('refused'));
    write('policy.json', '{ "*": { "deny": ["unknown_tool"] } }');
    await until(() => policy.isRefused);
    expect(outcomes).toEqual(['refused']);
    write('policy.json', '{ "*": { "deny": ["list_todos"] } }');
    await until(() => !policy.isRefused);
  });

  it('moves to another file of the tool policy once that is valid', async () => {
    const file = write('policy.json', '{ "*": { "deny": ["list_todos"] } }');
    await follow(await startAerie({ environment: { TOOL_POLICY: file } }));
    const policy = providerOf(aerie.application, ToolPolicyService);
    const other = write('other.json', '{ "*": { "deny": ["unknown_tool"] } }');
    Object.assign(aerie.variables, { TOOL_POLICY: other });
    await reload.reload();
    expect(lines('Reloaded the configuration. Changed: TOOL_POLICY.')).toHaveLength(1);
    await until(() => policy.isRefused);
    expect(policy.allows('org_acme', { name: 'list_todos', group: undefined })).toBe(false);

    write('other.json', '{ "*": { "deny": ["whoami"] } }');
    await until(() => policy.allows('org_acme', { name: 'list_todos', group: undefined }));
    expect(policy.isRefused).toBe(false);
    expect(policy.allows('org_acme', { name: 'whoami', group: undefined })).toBe(false);
    const { digest } = policy;
    write('policy.json', '{ }');
    await pause(600); // longer than a file is looked at
    expect(policy.digest).toBe(digest);

    Object.assign(aerie.variables, { TOOL_POLICY: '' });
    await reload.reload();
    expect(lines('only after a restart: TOOL_POLICY.')).toHaveLength(1);
    expect(policy.allows('org_acme', { name: 'whoami', group: undefined })).toBe(false);
  });

  it('signs audit records with each secret of the webhook that is in force', async () => {
    const signatures: (string | undefined)[][] = [];
    const receiver = createServer((request, response) => {
      signatures.push(String(request.headers['webhook-signature']).split(' '));
      request.resume();
      response.writeHead(204).end();
    });
    const port = await listen(receiver);
    const [old, fresh] = ['a', 'b'].map((letter) => `whsec_${letter.repeat(44)}`);
    const settings = (secrets: string): Configuration =>
      loadConfiguration({
        AUDIT: 'webhook',
        AUDIT_WEBHOOK_URL: `http://127.0.0.1:${port}`,
        AUDIT_WEBHOOK_SECRET: secrets,
      });
    const audit = await startAuditTrail(settings(`${old}`));
    try {
      const reloads = new Reloads();
      reloadAudit(reloads, audit);
      const change = async (secrets: string): Promise<void> => {
        expect(reloads.apply(settings(secrets), ['AUDIT_WEBHOOK_SECRET'])).toEqual([]);
        const { length } = signatures;
        audit.record({ event: 'tool.call', outcome: 'success' });
        await until(() => signatures.length > length);
      };
      await until(() => signatures.length === 1);
      await change(`${old}\n${fresh}`);
      await change(`${fresh}`);
      expect(signatures.map(({ length }) => length)).toEqual([1, 2, 1]);
      expect(reloads.apply(loadConfiguration({}), ['AUDIT_WEBHOOK_SECRET'])).toEqual([
        'AUDIT_WEBHOOK_SECRET',
      ]);
    } finally {
      await audit.close();
      receiver.close();
    }
  });

  describe('with PostgreSQL', () => {
    let postgres: PostgresServer;
    let database: Awaited<ReturnType<PostgresServer['createDatabase']>>;
    beforeAll(async () => {
      postgres = await startPostgres();
    });
    afterAll(() => postgres?.remove());
    beforeEach(async () => {
      database = await postgres.createDatabase();
    });

    const withPassword = (password: string): string => {
      const url = new URL(database.application);
      url.password = password;
      return url.href;
    };
    const setPassword = (password: string): Promise<unknown> =>
      postgres.run(`alter role ${database.name}_application password '${password}'`);
    /** Starts an instance with the variables of docker-compose.yml, after the migration. */
    const start = async (): Promise<string> => {
      write('url', database.application);
      write('tenant-secret', 't'.repeat(64));
      const files = Object.entries(instanceVariables())
        .filter(([name]) => name.startsWith('DATABASE_'))
        .map(([name, file]) => [name, join(directory, basename(file))] as const);
      const environment = { ...Object.fromEntries(files), DATABASE_POOL_SIZE: '2' };
      const migrating = await startAerie({
        environment: { ...environment, DATABASE_MIGRATION_URL: database.owner },
      });
      await migrating.close();
      await follow(await startAerie({ environment }));
      return aerie.token({ claims: { scope: 'todo:read', scopes: undefined } });
    };
    const dropConnections = (): Promise<unknown> =>
      postgres.run(
        `select pg_terminate_backend(pid) from pg_stat_activity where usename = '${database.name}_application' and state = 'idle'`,
      );

    it.each(['the database', 'the file'])(
      'moves to a new password under load without a failed call, if %s changes first',
      async (first) => {
        const token = await start();
        const load = keepCalling(() => post(aerie.url, token, TODOS));
        await load.calls(20);
        const changes = [
          () => setPassword('second'),
          () => Promise.resolve(write('url', withPassword('second'))),
        ];
        for (const change of first === 'the file' ? changes.toReversed() : changes) {
          await change();
          await load.calls(20);
        }
        await until(() => lines('The changed settings of the database are in use.').length > 0);
        await load.calls(20);
        expect(await load.end()).toEqual([200]);
        // No connection of the previous password is left.
        await dropConnections();
        expect((await post(aerie.url, token, TODOS)).status).toBe(200);
      },
    );

    it('keeps calls waiting while the database refuses the login, until the file follows', async () => {
      const token = await start();
      await setPassword('third');
      await dropConnections();
      const waiting = post(aerie.url, token, TODOS);
      write('url', withPassword('third'));
      const response = await waiting;
      expect(await response.json()).not.toMatchObject({ result: { isError: true } });
    });

    it('stops only after the transactions on connections of previous settings', async () => {
      await start();
      let release = (): void => undefined;
      const hold = new Promise<void>((resolve) => (release = resolve));
      const ended: string[] = [];
      let hasBegun = false;
      const call = { signal: new AbortController().signal, deadline: performance.now() + 60_000 };
      const opened = aerie.application.get(Database, { strict: false });
      const holding = opened
        .transaction('org_acme', call, async (todos) => {
          await todos.selectFrom('todos').selectAll().execute();
          hasBegun = true;
          await hold;
        })
        .then(() => ended.push('transaction'));
      await until(() => hasBegun);
      await setPassword('fourth');
      write('url', withPassword('fourth'));
      await until(() => lines('The changed settings of the database are in use.').length > 0);
      const closing = opened.onApplicationShutdown().then(() => ended.push('database'));
      await pause(300);
      expect(ended).toEqual([]);
      release();
      await Promise.all([holding, closing]);
      expect(ended).toEqual(['transaction', 'database']);
    });

    it('keeps the previous connection string while the changed one does not work', async () => {
      const token = await start();
      write('url', withPassword('wrong'));
      await until(() => lines('so the previous ones stay in use').length > 0);
      const response = await post(aerie.url, token, TODOS);
      expect(await response.json()).not.toMatchObject({ result: { isError: true } });
      write('url', database.application);
    });
  });
});

interface Load {
  /** Waits for further calls. */
  calls(count: number): Promise<void>;
  /** Ends the load. Returns the different statuses of all calls; 0 for a tool's error. */
  end(): Promise<number[]>;
}

/** Sends calls over and over, four at a time. */
function keepCalling(call: () => Promise<Response>): Load {
  const statuses = new Set<number>();
  let count = 0;
  const ended = new AbortController();
  const caller = async (): Promise<void> => {
    while (!ended.signal.aborted) {
      const response = await call();
      const failed = (await response.text()).includes('"isError":true');
      statuses.add(failed ? 0 : response.status);
      count++;
    }
  };
  const callers = Promise.all(Array.from({ length: 4 }, caller));
  return {
    calls: async (further) => {
      const goal = count + further;
      await until(() => count >= goal);
    },
    end: async () => {
      ended.abort();
      await callers;
      return [...statuses];
    },
  };
}
