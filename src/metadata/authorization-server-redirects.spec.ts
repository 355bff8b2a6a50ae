import { createServer } from 'node:http';

import express from 'express';

import { loadConfiguration } from '../config/load-configuration.js';
import { ProtectedResource } from '../auth/protected-resource.js';
import { listen } from '../values/listen.js';
import { redirectToAuthorizationServers } from './authorization-server-redirects.js';
import type { Endpoint } from './endpoint-conflicts.js';

const ORIGIN = 'https://mcp.example.com';
const OAUTH = '/.well-known/oauth-authorization-server';
const OPENID = '/.well-known/openid-configuration';

function endpoint(name: string, path: string, issuer: string, more: NodeJS.ProcessEnv = {}): Endpoint {
  const configuration = loadConfiguration({
    NODE_ENV: 'test',
    SK_ENV_URL: 'https://acme.scalekit.example',
    PROTECTED_RESOURCE_METADATA: JSON.stringify({
      resource: `${ORIGIN}${path}`,
      authorization_servers: [issuer, 'https://second.example'],
    }),
    ...more,
  });
  return { name, configuration, resource: new ProtectedResource(configuration) };
}

describe('redirectToAuthorizationServers', () => {
  /** Returns the target of the redirect at each path, or the status without one. */
  async function targets(endpoints: readonly Endpoint[], paths: readonly string[]): Promise<unknown[]> {
    const server = createServer(express().use(redirectToAuthorizationServers(endpoints)));
    const port = await listen(server);
    try {
      return await Promise.all(
        paths.map(async (path) => {
          const { status, headers } = await fetch(`http://localhost:${port}${path}`, { redirect: 'manual' });
          return headers.get('location') ?? status;
        }),
      );
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }

  it('redirects from each endpoint to its first issuer, and from the root to that of the default endpoint', async () => {
    const endpoints = [
      endpoint('default', '/mcp', 'https://customers.example/tenant'),
      endpoint('staff', '/internal/mcp', 'https://staff.example'),
    ];
    const customers = `https://customers.example${OAUTH}/tenant`;
    const staff = `https://staff.example${OAUTH}`;
    const paths = [OAUTH, OPENID, `${OAUTH}/mcp`, `${OPENID}/mcp/`, `/mcp${OAUTH}`, `/mcp${OPENID}`];
    expect(await targets(endpoints, paths)).toEqual(paths.map(() => customers));
    const internal = [`${OAUTH}/internal/mcp`, `${OPENID}/internal/mcp`, `/internal/mcp${OAUTH}`];
    expect(await targets(endpoints, internal)).toEqual(internal.map(() => staff));
    expect(await targets(endpoints, [`${OAUTH}/internal`, `/internal${OAUTH}`])).toEqual([404, 404]);
  });

  it('gives the root to the endpoint at the root', async () => {
    const endpoints = [
      endpoint('open', '/', 'https://open.example'),
      endpoint('default', '/mcp', 'https://default.example'),
    ];
    expect(await targets(endpoints, [OAUTH, OPENID, `${OAUTH}/mcp`])).toEqual([
      `https://open.example${OAUTH}`,
      `https://open.example${OAUTH}`,
      `https://default.example${OAUTH}`,
    ]);
  });

  it('knows the path behind a proxy that strips a prefix', async () => {
    const proxied = endpoint('default', '/prefix/mcp', 'https://issuer.example', { MCP_PATH: '/mcp' });
    expect(await targets([proxied], [`${OAUTH}/prefix/mcp`, `/mcp${OAUTH}`, `${OAUTH}/mcp`])).toEqual([
      `https://issuer.example${OAUTH}`,
      `https://issuer.example${OAUTH}`,
      404,
    ]);
  });

  it('does not redirect to itself where the application is its own authorization server', async () => {
    const own = endpoint('default', '/mcp', ORIGIN);
    expect(await targets([own], [OAUTH, OPENID, `${OAUTH}/mcp`])).toEqual([
      404,
      `${ORIGIN}${OAUTH}`,
      `${ORIGIN}${OAUTH}`,
    ]);
  });
});
