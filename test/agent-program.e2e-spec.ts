import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

import { BuiltApplication, runBuiltCommand } from './support/built-application.js';
import { freePort } from './support/ports.js';

const CACHE = resolve('node_modules/.cache');

describe('the program of docs/own-keys.md', () => {
  it('signs its own tokens and calls a tool of the built server', async () => {
    mkdirSync(CACHE, { recursive: true });
    const directory = mkdtempSync(join(CACHE, 'agent-')); // where the packages can be imported
    const port = await freePort();
    const url = `http://localhost:${port}/mcp`;
    let application: BuiltApplication | undefined;
    try {
      const section = readFileSync('docs/own-keys.md', 'utf8').split('## Agents and jobs')[1] ?? '';
      writeFileSync(join(directory, 'agent.mjs'), /```ts\n([^]*?)```/.exec(section)?.[1] ?? '');
      await runBuiltCommand('keygen', [], directory, {});
      application = BuiltApplication.start(directory, {
        PORT: String(port),
        RESOURCE_URL: url,
        AUTH_MODE: 'jwt',
        JWT_PUBLIC_KEY_FILE: 'public.pem',
        JWT_ISSUER: 'http://localhost:8000',
        JWT_AUDIENCE: 'my-mcp-server',
      });
      await application.answers(url, 401);
      const options = { cwd: directory, env: { ...process.env, MCP_URL: url } };
      const { stdout } = await promisify(execFile)(process.execPath, ['agent.mjs'], options);
      expect(stdout).toContain('Hello, Ada! Your userid is client-a@example.com.');
    } finally {
      await application?.kill();
      rmSync(directory, { recursive: true });
    }
  });

  it('exchanges the secret of a machine for tokens of the issuer', async () => {
    mkdirSync(CACHE, { recursive: true });
    const directory = mkdtempSync(join(CACHE, 'job-'));
    const [port, issuerPort] = [await freePort(), await freePort()];
    let application: BuiltApplication | undefined;
    try {
      const [, , second = ''] = readFileSync('docs/own-keys.md', 'utf8').split(/```ts\n(?=import)/);
      writeFileSync(join(directory, 'job.mjs'), second.split('```')[0] ?? '');
      application = BuiltApplication.start(directory, {
        PORT: String(port),
        DEV_ISSUER_PORT: String(issuerPort),
      });
      const MCP_URL = `http://localhost:${port}/mcp`;
      await application.answers(MCP_URL, 401);
      const env = {
        ...process.env,
        MCP_URL,
        ISSUER: `http://localhost:${issuerPort}/resources/res_100000000000000001`,
        CLIENT_ID: 'm2m_demo',
        CLIENT_SECRET: 'm2m_demo_secret',
      };
      const { stdout } = await promisify(execFile)(process.execPath, ['job.mjs'], { cwd: directory, env });
      expect(stdout).toContain("'whoami'");
    } finally {
      await application?.kill();
      rmSync(directory, { recursive: true });
    }
  });
});
