import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { runCommand } from './support/built-application.js';
import { type PostgresServer, startPostgres } from './support/postgres.js';

describe('the check of the configuration', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'aerie-check-'));
  });
  afterAll(() => rm(directory, { recursive: true }));

  const complete = {
    NODE_ENV: 'production',
    SK_ENV_URL: 'https://acme.scalekit.com',
    MCP_SERVER_ID: 'res_123',
    RESOURCE_URL: 'https://mcp.example.com/mcp',
  };

  it('says what the server would be', async () => {
    const { code, stdout } = await runCommand('check', [], directory, complete);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout:
        'The configuration is complete: https://mcp.example.com/mcp, tokens of https://acme.scalekit.com\n',
    });
  });

  it('says all that is wrong, and fails', async () => {
    const wrong = { ...complete, SK_ENV_URL: 'acme.scalekit.com', PORT: 'http' };
    const { code, stdout, stderr } = await runCommand('check', [], directory, wrong);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('Aerie cannot start: 2 configuration problems.');
    expect(stderr).toContain('SK_ENV_URL: "acme.scalekit.com" is invalid.');
    expect(stderr).toContain('PORT: "http" is invalid.');
  });

  it('warns of what looks like a mistake, and passes', async () => {
    const { code, stderr } = await runCommand('check', [], directory, {
      ...complete,
      RESOURCE_URL: 'https://mcp.example.com/mcp/',
      ALLOWED_ORIGINS: '*',
      RATE_LIMIT_CALERS: '10/min',
      DATABASE_URL: 'postgresql://aerie:aerie@127.0.0.1:1/aerie',
    });
    expect(code).toBe(0);
    expect(stderr.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^Warning: RATE_LIMIT_CALERS .* Did you mean RATE_LIMIT_CALLER\?$/),
      expect.stringMatching(/^Warning: ALLOWED_ORIGINS is "\*"/),
      expect.stringMatching(/^Warning: RESOURCE_URL .* trailing slash/),
      expect.stringMatching(/^Warning: The database cannot be reached from here \(.*ECONNREFUSED/),
    ]);
  });

  it('names the misspelled variable next to the problem that it causes', async () => {
    const { SK_ENV_URL, ...rest } = complete;
    const { code, stderr } = await runCommand('check', [], directory, { ...rest, SK_ENV_URI: SK_ENV_URL });
    expect(code).toBe(1);
    expect(stderr).toContain('SK_ENV_URL: is needed with NODE_ENV=production');
    expect(stderr).toContain('Note: SK_ENV_URI is not a variable of Aerie');
  });

  it('finds a trailing slash that the metadata does not have', async () => {
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
    expect(stderr).toMatch(/RESOURCE_URL: .*\(mind the trailing slash\)/);
  });

  describe('with a database', () => {
    let postgres: PostgresServer;
    beforeAll(async () => {
      postgres = await startPostgres();
    });
    afterAll(() => postgres.remove());

    it('finds an unfit role and a policy for unknown tools in one run', async () => {
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
      expect(stderr).toMatch(/TOOL_POLICY: .*there is no tool "nope"/);
      expect(stderr).toMatch(/DATABASE_URL: .*BYPASSRLS/);
      expect(stderr).toMatch(/DATABASE_URL: leads to a schema without/);
    });

    it('expects no schema that the start would make, and makes none', async () => {
      const { name, application, owner } = await postgres.createDatabase();
      const variables = { ...complete, DATABASE_URL: application, DATABASE_MIGRATION_URL: owner };
      expect(await runCommand('check', [], directory, variables)).toMatchObject({ code: 0, stderr: '' });
      const tables = await postgres.run("select 1 from pg_tables where schemaname = 'public'", name);
      expect(tables).toEqual([]);

      const wrong = { ...variables, DATABASE_MIGRATION_URL: owner.replace(/:[^:@]+@/, ':wrong@') };
      const { code, stderr } = await runCommand('check', [], directory, wrong);
      expect(code).toBe(1);
      expect(stderr).toMatch(/DATABASE_MIGRATION_URL: leads to a server that answers/);
    });
  });
});
