import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { type DevIssuer, startDevIssuer } from '../../src/dev-issuer/dev-issuer.js';
import { secret } from '../support/log.js';
import { BuiltApplication } from '../support/built-application.js';
import { freePort } from '../support/ports.js';
import { testSigningKey } from '../support/signing-keys.js';

const RESOURCE_ID = 'res_100000000000000001';
const LOADER = resolve(__dirname, '../conformance/load-typescript.ts');
const USE_BUILD = resolve(__dirname, 'use-build.ts');
const ENTRY = resolve(__dirname, 'main.ts');

/** Server with misbehaving tools, in its own process. */
export interface MisbehavingServer {
  readonly url: string;
  readonly origin: string;
  readonly application: BuiltApplication;
  token(user: 'alice' | 'bob'): Promise<string>;
  close(): Promise<void>;
}

export async function startMisbehaving(environment: NodeJS.ProcessEnv = {}): Promise<MisbehavingServer> {
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const url = `${origin}/mcp`;
  const issuer: DevIssuer = await startDevIssuer({
    port: await freePort(),
    resourceUrl: url,
    resourceId: RESOURCE_ID,
    scopes: () => ['usr:read'],
    signingKey: await testSigningKey(),
  });
  const directory = mkdtempSync(join(tmpdir(), 'aerie-misbehaving-'));
  const limits = ['RATE_LIMIT_CALLER', 'RATE_LIMIT_ORGANIZATION', 'RATE_LIMIT_TOOL'];
  const application = BuiltApplication.start(
    directory,
    {
      PORT: String(port),
      SK_ENV_URL: issuer.url,
      MCP_SERVER_ID: RESOURCE_ID,
      RESOURCE_URL: url,
      ...Object.fromEntries(limits.map((limit) => [limit, '1000000/min'])),
      RESULT_LIMIT: '1mb',
      DEMO_TOOLS: 'off', // they would start the embedded database
      MALLOC_ARENA_MAX: '1', // memory that other threads have freed would stay resident
      ...environment,
    },
    ['--expose-gc', '--max-old-space-size=128', '--import', USE_BUILD, '--import', LOADER, ENTRY],
  );
  const close = async (): Promise<void> => {
    await application.kill();
    await issuer.close();
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    await application.answers(`${origin}/health/ready`);
  } catch (error) {
    await close();
    throw error;
  }
  const token = async (user: 'alice' | 'bob'): Promise<string> =>
    secret(await issuer.signAccessToken({ user, scope: 'usr:read', expiresInSeconds: 3_600 }));
  return { url, origin, application, token, close };
}
