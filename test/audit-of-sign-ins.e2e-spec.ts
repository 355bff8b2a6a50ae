import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

import { FolderLock } from '../src/database/folder-lock.js';
import { BuiltApplication, runBuiltCommand } from './support/built-application.js';
import { MemoryOAuthProvider } from './support/oauth-client.js';
import { freePort } from './support/ports.js';
import { signIn } from './support/sign-in.js';

let directory: string;
let application: BuiltApplication | undefined;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'aerie-'));
  // Keeps the embedded database closed, since opening it takes more CPU time than the rest of the test.
  await FolderLock.take(join(directory, '.aerie', 'database'));
});
afterEach(async () => {
  await application?.kill();
  rmSync(directory, { recursive: true });
});

/** Asks for a token of the demo's machine client. Returns the status. */
async function requestToken(issuer: string, secret: string): Promise<number> {
  const form = { grant_type: 'client_credentials', client_id: 'm2m_demo', client_secret: secret };
  const response = await fetch(`${issuer}/oauth/token`, { method: 'POST', body: new URLSearchParams(form) });
  await response.text();
  return response.status;
}

/** Lets a person deny the official client access, and returns what the client is told. */
async function deny(url: string): Promise<string | null> {
  const provider = new MemoryOAuthProvider();
  const client = new Client({ name: 'test', version: '1' });
  const transport = new StreamableHTTPClientTransport(new URL(url), { authProvider: provider });
  await expect(client.connect(transport)).rejects.toThrow(/unauthorized/i);
  const { searchParams } = await signIn(provider.authorizationUrl ?? '', { decision: 'deny' });
  return searchParams.get('error');
}

it('records what the embedded issuer issues and refuses', async () => {
  const [port, issuerPort] = [await freePort(), await freePort()];
  application = BuiltApplication.start(directory, {
    PORT: String(port),
    DEV_ISSUER_PORT: String(issuerPort),
    AUDIT: 'file',
  });
  await application.answers(`http://localhost:${port}/health/live`);
  const issuer = `http://localhost:${issuerPort}`;
  expect(await requestToken(issuer, 'm2m_demo_secret')).toBe(200);
  expect(await requestToken(issuer, 'guessed')).toBe(401);
  expect(await deny(`http://localhost:${port}/mcp`)).toBe('access_denied');
  application.process.kill('SIGTERM');
  expect(await application.exit()).toBe(0);

  const { stdout } = await runBuiltCommand(
    'audit',
    ['list', join(directory, '.aerie', 'audit')],
    directory,
    {},
  );
  const records = stdout
    .split('\n')
    .filter((line) => /"event":"token\.(issued|refused)"/.test(line))
    .map((line): unknown => JSON.parse(line));
  const address = expect.stringMatching(/127\.0\.0\.1$/) as string;
  const refused = { event: 'token.refused', outcome: 'denied', issuer, address };
  expect(records).toEqual([
    expect.objectContaining({
      event: 'token.issued',
      outcome: 'success',
      issuer,
      subject: 'm2m_demo',
      client: 'm2m_demo',
      organization: 'org_acme',
    }),
    expect.objectContaining({ ...refused, reason: 'invalid_client', client: 'm2m_demo' }),
    expect.objectContaining({
      ...refused,
      reason: 'access_denied',
      client: expect.stringMatching(/^m2m_\d+$/),
    }),
  ]);
  expect(stdout).not.toContain('guessed');
});
