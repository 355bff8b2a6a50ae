import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';

import { runCommand } from './support/run-command.js';

const ajv = new Ajv({ strict: false, allErrors: true });
addFormats.default(ajv);
const schema: object = JSON.parse(readFileSync('test/fixtures/mcp-registry/server.schema.json', 'utf8'));
const validate = ajv.compile(schema);

const PRODUCTION = {
  NODE_ENV: 'production',
  SK_ENV_URL: 'https://acme.scalekit.com',
  MCP_SERVER_ID: 'res_1',
  RESOURCE_URL: 'https://mcp.example.com/mcp',
  SERVER_NAME: 'orders',
  SERVER_VERSION: '4.2.0',
  SERVER_DESCRIPTION: 'Orders of Acme.',
};

describe('server-json', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'aerie-server-json-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const serverJson = (
    parameters: readonly string[],
    environment: NodeJS.ProcessEnv,
  ): ReturnType<typeof runCommand> => runCommand('server-json', parameters, directory, environment);

  it('prints the entry of the configured server', async () => {
    const { code, stdout, stderr } = await serverJson([], PRODUCTION);
    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toEqual({
      $schema: 'https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json',
      name: 'com.example.mcp/orders',
      version: '4.2.0',
      description: 'Orders of Acme.',
      remotes: [{ type: 'streamable-http', url: 'https://mcp.example.com/mcp' }],
    });
  });

  it('writes it to a file, and says on standard error what is missing', async () => {
    const { code, stdout, stderr } = await serverJson(['--out', 'server.json'], {
      ...PRODUCTION,
      SERVER_VERSION: undefined,
    });
    expect([code, stdout]).toEqual([0, '']);
    expect(stderr).toMatch(/^SERVER_VERSION is not set: [^\n]+\n$/);
    expect(JSON.parse(readFileSync(join(directory, 'server.json'), 'utf8'))).toMatchObject({
      name: 'com.example.mcp/orders',
    });
  });

  it('refuses a server without a public https URL', async () => {
    const { code, stdout, stderr } = await serverJson([], { AUTH_MODE: 'dev' });
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('Set the public https URL of the endpoint.');
  });

  it.each<[string, NodeJS.ProcessEnv]>([
    ['the fewest variables', { SERVER_NAME: '', SERVER_VERSION: '', SERVER_DESCRIPTION: '' }],
    [
      'all variables',
      {
        SERVER_NAME: 'com.acme/orders',
        SERVER_TITLE: 'Acme orders',
        SERVER_WEBSITE: 'https://acme.example.com',
        SERVER_ICONS: JSON.stringify([
          {
            src: 'https://acme.example.com/icon.png',
            mimeType: 'image/png',
            sizes: ['48x48'],
            theme: 'dark',
          },
        ]),
        MCP_SESSIONS: 'on',
        MCP_SSE: 'on',
      },
    ],
    ['texts that are too long', { SERVER_NAME: 'n'.repeat(300), SERVER_TITLE: 't'.repeat(300) }],
  ])('matches the schema of the registry with %s', async (_what, variables) => {
    const { stdout } = await serverJson([], { ...PRODUCTION, ...variables });
    validate(JSON.parse(stdout));
    expect(validate.errors).toBeNull();
  });

  it('is checked against a schema that finds faults', async () => {
    const { stdout } = await serverJson([], PRODUCTION);
    expect(validate({ ...JSON.parse(stdout), name: 'orders' })).toBe(false);
  });
});
