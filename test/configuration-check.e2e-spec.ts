import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { BuiltApplication, ONLY_DEMO_TOOLS, runBuiltCommand } from './support/built-application.js';
import { freePort } from './support/ports.js';
import { type PostgresServer, startPostgres } from './support/postgres.js';
import { runCommand } from './support/run-command.js';

describe('the check of the configuration', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'aerie-check-'));
    complete['PORT'] = String(await freePort());
  });
  afterAll(() => rm(directory, { recursive: true }));

  const complete: NodeJS.ProcessEnv = {
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    SK_ENV_URL: 'https://acme.scalekit.com',
    MCP_SERVER_ID: 'res_123',
    RESOURCE_URL: 'https://mcp.example.com/mcp',
    DEMO_TOOLS: 'on',
    // Fewer than the files that any machine lets a process open. Otherwise, there is a warning.
    MAX_CONNECTIONS: '100',
  };

  it('describes the configured server', async () => {
    const environment = { ...complete, ...ONLY_DEMO_TOOLS };
    const { code, stdout } = await runBuiltCommand('check', [], directory, environment);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout:
        'The configuration is complete: https://mcp.example.com/mcp, tokens of https://acme.scalekit.com\n' +
        'Tools (5): admin_tool, get_org_data, greet, greet_user, whoami. Resources: 0. Prompts: 0. Demo tools: on.\n',
    });
  });

  it('warns if nothing is offered, because production has no demo tools', async () => {
    const { code, stdout, stderr } = await runCommand('check', [], directory, {
      ...complete,
      DEMO_TOOLS: undefined,
    });
    expect(code).toBe(0);
    expect(stdout).toContain('Tools (0): none. Resources: 0. Prompts: 0. Demo tools: off.\n');
    expect(stderr).toMatch(/^Warning: The server offers no tools\. Write one with: .*DEMO_TOOLS=on\.\n$/);
  });

  it('lists every problem, and fails', async () => {
    const wrong = { ...complete, SK_ENV_URL: 'acme.scalekit.com', PORT: 'http' };
    const { code, stdout, stderr } = await runBuiltCommand('check', [], directory, wrong);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('Aerie cannot start: 2 configuration problems.');
    expect(stderr).toContain('SK_ENV_URL: "acme.scalekit.com" is invalid.');
    expect(stderr).toContain('PORT: "http" is invalid.');
  });

  it('reports the same as JSON', async () => {
    const METRICS_PORT = String(await freePort());
    const right = await runCommand('check', ['--json'], directory, { ...complete, METRICS_PORT });
    expect({ ...right, stdout: JSON.parse(right.stdout) }).toEqual({
      code: 0,
      stderr: '',
      stdout: {
        ok: true,
        problems: [],
        warnings: [],
        resource: 'https://mcp.example.com/mcp',
        issuers: ['https://acme.scalekit.com'],
        tools: ['admin_tool', 'get_org_data', 'greet', 'greet_user', 'whoami'],
        resources: 0,
        prompts: 0,
        demoTools: true,
      },
    });
    const { SK_ENV_URL, ...rest } = complete;
    const wrong = await runCommand('check', ['--json'], directory, { ...rest, SK_ENV_URI: SK_ENV_URL });
    expect([wrong.code, wrong.stderr]).toEqual([1, '']);
    expect(JSON.parse(wrong.stdout)).toEqual({
      ok: false,
      problems: [{ variable: 'SK_ENV_URL', problem: expect.any(String), remedy: expect.any(String) }],
      warnings: [expect.stringContaining('SK_ENV_URI is not a variable')],
    });
  });

  it('warns about likely mistakes, and passes', async () => {
    const { code, stderr } = await runCommand('check', [], directory, {
      ...complete,
      RESOURCE_URL: 'https://mcp.example.com/mcp/',
      ALLOWED_ORIGINS: '*',
      RATE_LIMIT_CALERS: '10/min',
      SIGN_IN_SCOPES: 'todo:raed',
      REDIS_URL: 'redis://127.0.0.1:1',
      REQUEST_STATE_SECRET: 'a-secret-of-thirty-two-characters',
      DATABASE_URL: 'postgresql://aerie:aerie@127.0.0.1:1/aerie',
      AUDIT: 'postgres:refuse',
      AUDIT_DATABASE_URL: 'postgresql://writer:writer@127.0.0.1:1/aerie',
    });
    expect(code).toBe(0);
    expect(stderr.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^Warning: RATE_LIMIT_CALERS .* Did you mean RATE_LIMIT_CALLER\?$/),
      expect.stringMatching(/^Warning: ALLOWED_ORIGINS is "\*"/),
      expect.stringMatching(/^Warning: DATABASE_TENANT_SECRET is not set/),
      expect.stringMatching(/^Warning: RESOURCE_URL .* trailing slash/),
      expect.stringMatching(/^Warning: SIGN_IN_SCOPES has todo:raed, .* Did you mean todo:read\?$/),
      expect.stringMatching(/^Warning: The database cannot be reached from here \(.*ECONNREFUSED/),
      expect.stringMatching(/^Warning: Redis cannot be reached from here \(.*ECONNREFUSED/),
      expect.stringMatching(
        /^Warning: The database of AUDIT_DATABASE_URL .* ECONNREFUSED .* refuses all calls/,
      ),
    ]);
  });

  it('names the skipped checks when offline, without warnings about them', async () => {
    const { code, stdout, stderr } = await runCommand('check', ['--offline'], directory, {
      ...complete,
      REDIS_URL: 'redis://127.0.0.1:1',
      REQUEST_STATE_SECRET: 'a-secret-of-thirty-two-characters',
      DATABASE_URL: 'postgresql://aerie:aerie@127.0.0.1:1/aerie',
      DATABASE_TENANT_SECRET: 't'.repeat(32),
      AUDIT: 'file postgres',
      AUDIT_DATABASE_URL: 'postgresql://writer:writer@127.0.0.1:1/aerie',
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/ \(not checked offline: database, Redis, audit database and audit directory\)\n/);
  });

  it('detects an address of another machine, like startup', async () => {
    const elsewhere = { ...complete, HOST: '203.0.113.1' };
    const problem =
      /1 configuration problem\.\n {2}HOST: "203\.0\.113\.1" is not an address of this machine.\n {4}→ /;
    expect(await runCommand('check', [], directory, elsewhere)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(problem),
    });
    const started = BuiltApplication.start(directory, elsewhere);
    expect(await started.exit()).toBe(1);
    expect(started.errors).toMatch(problem);
  });

  it('warns about a port in use, on which startup fails', async () => {
    const server = createServer().listen(Number(complete['PORT']), '127.0.0.1');
    await once(server, 'listening');
    try {
      const { code, stderr } = await runCommand('check', [], directory, complete);
      expect(code).toBe(0);
      expect(stderr).toMatch(/^Warning: PORT is \d+, which another program uses .* Stop that program/);
      const started = BuiltApplication.start(directory, complete);
      expect(await started.exit()).toBe(1);
      expect(started.errors).toMatch(/PORT: is \d+, which another program uses .*\n {4}→ Stop that program/);
      expect(started.errors).not.toMatch(/\bat .*\.js:/);
    } finally {
      server.close();
    }
  });

  it('names the server of the same folder that already runs', async () => {
    const development = { PORT: String(await freePort()), DEV_ISSUER_PORT: String(await freePort()) };
    const first = BuiltApplication.start(directory, development);
    try {
      await first.answers(`http://127.0.0.1:${development.PORT}/health`);
      const refused = async (variables: NodeJS.ProcessEnv): Promise<string> => {
        const second = BuiltApplication.start(directory, variables);
        expect(await second.exit()).toBe(1);
        expect(second.errors).not.toMatch(/\bat .*\.js:/);
        return second.errors;
      };
      const note = `  Note: Your server already runs: http://localhost:${development.PORT}/mcp (process `;
      for (const variables of [development, { ...development, PORT: String(await freePort()) }]) {
        const error = await refused(variables);
        expect(error).toContain(
          `  DEV_ISSUER_PORT: is ${development.DEV_ISSUER_PORT}, which another program uses`,
        );
        expect(error).toContain(note);
      }
      const onSamePort = await refused({ ...development, DEV_ISSUER_PORT: String(await freePort()) });
      expect(onSamePort).toContain(`  PORT: is ${development.PORT}, which another program uses`);
      expect(onSamePort).toContain(note);
    } finally {
      await first.kill();
    }
  });

  it('detects state of the embedded issuer that cannot be written or read', async () => {
    const development = { PORT: complete['PORT'], DEV_ISSUER_PORT: String(await freePort()) };
    await writeFile(join(directory, 'file'), '');
    const file = { ...development, STATE_DIRECTORY: join(directory, 'file') };
    const problem = /STATE_DIRECTORY: ".*file" is not a folder\.\n {4}→ /;
    expect(await runCommand('check', [], directory, file)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(problem),
    });
    const started = BuiltApplication.start(directory, file);
    expect(await started.exit()).toBe(1);
    expect(started.errors).toMatch(problem);

    await mkdir(join(directory, 'state'));
    await writeFile(join(directory, 'state', 'signing-key.json'), '{');
    const { code, stderr } = await runCommand('check', [], directory, {
      ...development,
      STATE_DIRECTORY: join(directory, 'state'),
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(/signing-key\.json cannot be read .* Delete it to start over\.\n$/);
  });

  describe('with a provider that leaves a timer and a rejected promise behind', () => {
    const entry = (name: string): string[] => [
      join(__dirname, 'support', 'noisy-provider.mjs'),
      resolve(__dirname, '../dist', name),
    ];

    it('ends, and warns about the promise', async () => {
      const check = BuiltApplication.start(directory, complete, [...entry('cli/main.js'), 'check']);
      expect(await check.exit()).toBe(0);
      expect(check.errors).toMatch(/^Warning: A promise was rejected .*: Error: nobody waits for it$/m);
      expect(check.output).toMatch(/^The configuration is complete/);
    });

    it('agrees with startup, which logs the promise and continues', async () => {
      const started = BuiltApplication.start(directory, complete, entry('main.js'));
      try {
        await started.answers(`http://127.0.0.1:${complete['PORT']}/health/live`);
        expect(started.output).toMatch(/nobody waits for it.*unhandled rejection/);
      } finally {
        await started.kill();
      }
    });
  });

  it('names the misspelled variable next to the problem that it causes', async () => {
    const { SK_ENV_URL, ...rest } = complete;
    const { code, stderr } = await runCommand('check', [], directory, { ...rest, SK_ENV_URI: SK_ENV_URL });
    expect(code).toBe(1);
    expect(stderr).toContain('SK_ENV_URL: is required with NODE_ENV=production');
    expect(stderr).toContain('Note: SK_ENV_URI is not a variable of Aerie');
  });

  it('detects a trailing slash that the metadata lacks', async () => {
    const metadata = {
      resource: complete.RESOURCE_URL,
      authorization_servers: [`${complete.SK_ENV_URL}/resources/res_123`],
    };
    const { code, stderr } = await runCommand('check', [], directory, {
      ...complete,
      PROTECTED_RESOURCE_METADATA: JSON.stringify(metadata),
      RESOURCE_URL: `${complete.RESOURCE_URL}/`,
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(/RESOURCE_URL: .*\(check the trailing slash\)/);
  });

  describe('with a database', () => {
    let postgres: PostgresServer;
    beforeAll(async () => {
      postgres = await startPostgres();
    });
    afterAll(() => postgres.remove());

    it('detects an unsafe role and a policy for unknown tools in one run', async () => {
      const database = await postgres.createDatabase();
      await postgres.run(`alter role ${database.name}_application bypassrls`);
      await writeFile(join(directory, 'policy.json'), '{"org_acme":{"deny":["nope"]}}');
      const { code, stderr } = await runCommand('check', [], directory, {
        ...complete,
        DATABASE_URL: database.application,
        TOOL_POLICY: 'policy.json',
      });
      expect(code).toBe(1);
      expect(stderr).toContain('Aerie cannot start: 3 configuration problems.');
      expect(stderr).toMatch(/TOOL_POLICY: .*unknown tool "nope"/);
      expect(stderr).toMatch(/DATABASE_URL: .*BYPASSRLS/);
      expect(stderr).toMatch(/DATABASE_URL: leads to a schema without/);
    });

    it('neither requires nor creates a schema that startup would migrate', async () => {
      const { name, application, owner } = await postgres.createDatabase();
      const variables = {
        ...complete,
        DATABASE_URL: application,
        DATABASE_MIGRATION_URL: owner,
        DATABASE_TENANT_SECRET: 't'.repeat(32),
      };
      expect(await runCommand('check', [], directory, variables)).toMatchObject({ code: 0, stderr: '' });
      const tables = await postgres.run("select 1 from pg_tables where schemaname = 'public'", name);
      expect(tables).toEqual([]);

      const wrong = { ...variables, DATABASE_MIGRATION_URL: owner.replace(/:[^:@]+@/, ':wrong@') };
      const { code, stderr } = await runCommand('check', [], directory, wrong);
      expect(code).toBe(1);
      expect(stderr).toMatch(/DATABASE_MIGRATION_URL: leads to a server that returns an error/);
    });
  });
});
