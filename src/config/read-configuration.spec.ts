import { loadConfiguration } from './load-configuration.js';
import { readConfiguration } from './read-configuration.js';

const MCP_SERVER_ID = 'res_1';
const warningsOf = async (texts: NodeJS.ProcessEnv): Promise<readonly string[]> =>
  (await readConfiguration([], { envFile: '', texts })).warnings;

describe('readConfiguration', () => {
  it('warns about a server of Scalekit without its environment', async () => {
    expect(await warningsOf({ MCP_SERVER_ID })).toEqual([
      expect.stringMatching(/^MCP_SERVER_ID has no effect without SK_ENV_URL: /),
    ]);
  });

  it.each([
    { AUTH_MODE: 'dev' },
    { SK_ENV_URL: 'https://acme.scalekit.com', RESOURCE_URL: 'http://localhost:3002/mcp' },
  ])('does not warn with %o', async (texts) => {
    expect(await warningsOf({ MCP_SERVER_ID, ...texts })).toEqual([]);
  });

  it('leaves the warning to applications of their own, which may name the server in code', () => {
    expect(loadConfiguration({ MCP_SERVER_ID }).warnings).toEqual([]);
  });
});
