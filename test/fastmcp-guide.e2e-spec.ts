import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type Aerie } from './support/aerie.js';
import { secret } from './support/log.js';
import { CLIENTS, connectWithToken } from './support/clients.js';
import { ISSUER, startWithOwnKeys } from './support/own-keys.js';
import { message, post } from './support/rpc.js';
import { runCommand } from './support/run-command.js';

/** Follows FastMCP's guide to bearer tokens step by step, with its commands and names. */
describe('the FastMCP guide', () => {
  let directory: string;
  const started: Aerie[] = [];
  const start = async (environment: NodeJS.ProcessEnv = {}): Promise<Aerie> => {
    const aerie = await startWithOwnKeys({
      JWT_PUBLIC_KEY_FILE: join(directory, 'public.pem'),
      JWT_AUDIENCE: 'my-mcp-server',
      ...environment,
    });
    started.push(aerie);
    return aerie;
  };
  const token = async (...further: string[]): Promise<string> => {
    const parameters = ['--key', 'private.pem', '--issuer', ISSUER, ...further];
    const { code, stdout, stderr } = await runCommand('token', parameters, directory, {});
    expect([code, stderr]).toEqual([0, '']);
    return secret(stdout.trim());
  };
  const MINE = ['--audience', 'my-mcp-server', '--subject', 'user@example.com'];

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'aerie-fastmcp-'));
    // Writes the same files as the guide's openssl commands (PKCS #8 and SPKI), because openssl may be missing.
    const { privateKey, publicKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    });
    writeFileSync(join(directory, 'private.pem'), privateKey);
    writeFileSync(join(directory, 'public.pem'), publicKey);
  });
  afterAll(async () => {
    await Promise.all(started.map((aerie) => aerie.close()));
    rmSync(directory, { recursive: true });
  });

  it.each(CLIENTS)('returns the client’s own subject from greet: %s', async (...client) => {
    const aerie = await start();
    const connected = await connectWithToken(
      client,
      aerie.url,
      await token(...MINE, '--scopes', 'read,write'),
    );
    try {
      const { tools } = await connected.listTools();
      expect(tools.map(({ name }) => name)).toEqual(['greet', 'whoami']);
      expect(await connected.callTool({ name: 'greet', arguments: { name: 'Ada' } })).toMatchObject({
        content: [{ type: 'text', text: 'Hello, Ada! Your userid is user@example.com.' }],
      });
      expect(await connected.callTool({ name: 'whoami', arguments: {} })).toMatchObject({
        structuredContent: { scopes: ['read', 'write'], clientId: 'user@example.com' },
      });
    } finally {
      await connected.close();
    }
  });

  it.each(CLIENTS)(
    'distinguishes subjects and scopes of two clients with one key pair: %s',
    async (...client) => {
      const aerie = await start();
      for (const [subject, scopes] of [
        ['client-a@example.com', ['read', 'write']],
        ['client-b@example.com', ['read']],
      ] as const) {
        const own = ['--audience', 'my-mcp-server', '--subject', subject, '--scopes', scopes.join(',')];
        const connected = await connectWithToken(client, aerie.url, await token(...own));
        expect(await connected.callTool({ name: 'whoami', arguments: {} })).toMatchObject({
          structuredContent: { subject, scopes },
        });
        await connected.close();
      }
    },
  );

  it('accepts a token for one of several audiences', async () => {
    const aerie = await start({ JWT_AUDIENCE: 'service-a,service-b' });
    const status = async (...audiences: string[]): Promise<number> => {
      const own = audiences.flatMap((audience) => ['--audience', audience]);
      const bearer = await token(...own, '--subject', 'user@example.com');
      return (await post(aerie.url, bearer, message({ method: 'tools/list' }))).status;
    };
    expect(await status('service-a')).toBe(200);
    expect(await status('service-c', 'service-b')).toBe(200);
    expect(await status('service-c')).toBe(401);
  });

  it('returns 403 with the required scopes for a token without them', async () => {
    const aerie = await start({ JWT_REQUIRED_SCOPES: 'admin,read,write' });
    const list = async (scopes: string): Promise<Response> =>
      post(aerie.url, await token(...MINE, '--scopes', scopes), message({ method: 'tools/list' }));
    const refused = await list('read,write');
    expect(refused.status).toBe(403);
    expect(refused.headers.get('www-authenticate')).toContain('scope="admin read write"');
    expect((await list('admin,read,write')).status).toBe(200);
  });
});
