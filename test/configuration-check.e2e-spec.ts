import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { runCommand } from './support/built-application.js';

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
    expect(stderr).toContain('SK_ENV_URL: "acme.scalekit.com" is not a usable value.');
    expect(stderr).toContain('PORT: "http" is not a usable value.');
  });
});
