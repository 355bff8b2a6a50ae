import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { OAuthClient, signIn } from '../../test/support/sign-in.js';
import { type DevIssuer, type DevIssuerOptions, startDevIssuer } from './dev-issuer.js';

describe('fetching client ID metadata documents', () => {
  let internal: Server;
  let connections: number;
  const issuers: DevIssuer[] = [];

  beforeAll(async () => {
    internal = createServer((socket) => {
      connections++;
      socket.destroy();
    }).listen(0);
    await once(internal, 'listening');
  });
  beforeEach(() => {
    connections = 0;
    // oidc-provider warns because it does not find Node's HTTP dispatcher in Jest's globalThis.
    jest.spyOn(console, 'warn').mockImplementation();
  });
  afterAll(async () => {
    internal.close();
    await Promise.all(issuers.map((issuer) => issuer.close()));
  });

  const start = async (options: Partial<DevIssuerOptions> = {}): Promise<DevIssuer> => {
    const issuer = await startDevIssuer({
      port: 0,
      resourceUrl: 'http://localhost:3002/mcp',
      scopes: () => ['usr:read'],
      ...options,
    });
    issuers.push(issuer);
    return issuer;
  };
  const useDocumentAt = async (issuer: DevIssuer, host: string): Promise<void> => {
    const { port } = internal.address() as AddressInfo;
    const url = `https://${host}:${port}/metadata.json`;
    const client = new OAuthClient(issuer.resourceIssuer, url, 'http://127.0.0.1/callback');
    await expect(signIn(client.authorizationUrl())).rejects.toThrow(/fetch failed/);
  };

  it.each([
    'localhost',
    'sub.localhost',
    '127.0.0.1',
    '127.1',
    '2130706433',
    '0.0.0.0',
    '[::1]',
    '[::ffff:127.0.0.1]',
  ])('never connects to %s', async (host) => {
    await useDocumentAt(await start(), host);
    expect(connections).toBe(0);
  });

  it('connects to this machine if a test allows it', async () => {
    await useDocumentAt(await start({ allowPrivateClientAddresses: true }), 'localhost');
    expect(connections).toBeGreaterThan(0);
  });
});
