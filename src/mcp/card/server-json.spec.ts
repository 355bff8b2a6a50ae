import { loadConfiguration } from '../../config/load-configuration.js';
import type { Configuration } from '../../config/configuration.js';
import { registryProblems, registryWarnings, serverJsonOf } from './server-json.js';

const configured = (variables: NodeJS.ProcessEnv): Configuration =>
  loadConfiguration({
    NODE_ENV: 'production',
    SK_ENV_URL: 'https://acme.scalekit.com',
    MCP_SERVER_ID: 'res_1',
    RESOURCE_URL: 'https://mcp.example.com/mcp',
    ...variables,
  });

describe('serverJsonOf', () => {
  it('leaves out what the registry refuses', () => {
    const document = serverJsonOf(
      configured({
        SERVER_WEBSITE: 'http://acme.example.com',
        SERVER_ICONS: JSON.stringify([
          { src: 'data:image/png;base64,AAAA' },
          { src: `https://acme.example.com/${'i'.repeat(255)}.png` },
          { src: 'https://acme.example.com/icon.gif', mimeType: 'image/gif' },
          { src: 'https://acme.example.com/icon.png' },
        ]),
      }),
    );
    expect(document).not.toHaveProperty('websiteUrl');
    expect(document.icons).toEqual([{ src: 'https://acme.example.com/icon.png' }]);
    expect(document.remotes).toEqual([{ type: 'streamable-http', url: 'https://mcp.example.com/mcp' }]);
  });
});

describe('a server that nobody else can reach', () => {
  it('is not for the registry', () => {
    const local = loadConfiguration({ NODE_ENV: 'test', AUTH_MODE: 'dev' });
    expect(registryProblems(local)).toEqual([expect.stringContaining('Set the public https URL')]);
    expect(registryProblems(configured({}))).toEqual([]);
  });

  it.each(['10.0.0.5', '[fd00::1]', '169.254.169.254', 'mcp', 'mcp.localhost', 'mcp.corp.internal'])(
    'is not for the registry at %s',
    (host) => {
      const RESOURCE_URL = `https://${host}/mcp`;
      expect(registryProblems(configured({ RESOURCE_URL }))).toHaveLength(1);
    },
  );
});

describe('registryWarnings', () => {
  it('names what a publisher may want to set', () => {
    expect(registryWarnings(configured({}))).toEqual([
      expect.stringContaining('SERVER_VERSION'),
      expect.stringContaining('SERVER_DESCRIPTION'),
    ]);
    expect(registryWarnings(configured({ SERVER_VERSION: '1.0.0', SERVER_DESCRIPTION: 'Orders.' }))).toEqual(
      [],
    );
  });
});
