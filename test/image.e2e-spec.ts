import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

import { BuiltApplication, DIST, NODE_COMPILE_CACHE } from './support/built-application.js';
import { freePort } from './support/ports.js';
import { startRedis } from './support/redis.js';
import { ERAS, resultText, toolCall } from './support/rpc.js';

const ASSEMBLE = resolve(__dirname, '../deploy/image/assemble.mjs');
const RESOURCE = 'https://mcp.example.com/mcp';

describe('the files of the image', () => {
  let folder: string;
  let image: string;
  const node = (parameters: readonly string[], cwd: string): Promise<{ stdout: string }> =>
    promisify(execFile)(process.execPath, parameters, { cwd, env: { ...process.env, NODE_COMPILE_CACHE } });
  const running: { kill(): Promise<unknown> }[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'aerie-image-'));
    image = join(folder, 'image');
    mkdirSync(join(folder, 'work'));
    await node([ASSEMBLE, DIST, image], resolve(DIST, '..'));
  }, 300_000);
  afterEach(() => Promise.all(running.splice(0).map((each) => each.kill())));
  afterAll(() => rmSync(folder, { recursive: true }));

  const command = async (...parameters: string[]): Promise<string> =>
    (await node([join(image, 'dist/cli/main.js'), ...parameters], join(folder, 'work'))).stdout;

  it('serve with Redis, metrics and an audit trail, in two processes', async () => {
    await command('keygen');
    const redis = await startRedis();
    running.push({ kill: async () => redis.stop() });
    const [port, metrics] = [await freePort(), await freePort()];
    const server = BuiltApplication.start(
      join(folder, 'work'),
      {
        NODE_ENV: 'production',
        AUTH_MODE: 'jwt',
        JWT_PUBLIC_KEY_FILE: 'public.pem',
        JWT_ISSUER: 'https://keys.example.com',
        RESOURCE_URL: RESOURCE,
        REDIS_URL: redis.url,
        HOST: '127.0.0.1',
        PORT: String(port),
        METRICS_PORT: String(metrics),
        AUDIT: 'file',
        AUDIT_DIRECTORY: 'audit',
        WORKERS: '2',
        DEMO_TOOLS: 'on',
        REQUEST_STATE_SECRET: randomBytes(32).toString('base64'),
      },
      ['--enable-source-maps', join(image, 'dist/main.js')],
    );
    running.push(server);
    const url = `http://127.0.0.1:${port}`;
    await server.answers(`${url}/health/ready`);
    const sign = ['--key', 'private.pem', '--issuer', 'https://keys.example.com', '--audience', RESOURCE];
    const token = (await command('token', ...sign, '--subject', 'a', '--organization', 'org_1')).trim();
    for (const [, send] of ERAS) {
      const answer = await send(`${url}/mcp`, token, toolCall('greet', { name: 'Ada' }), {
        host: 'mcp.example.com',
      });
      expect(await resultText(answer)).toBe('Hello, Ada! Your userid is a.');
    }
    expect(await (await fetch(`http://127.0.0.1:${metrics}/metrics`)).text()).toMatch(
      /mcp_server_\w+.*greet/,
    );
    server.process.kill('SIGTERM');
    expect(await server.exit()).toBe(0);
    expect(server.output.match(/"msg":"call"/g)).toHaveLength(2);
    expect(server.output).not.toContain('"context"');
    expect(await command('audit', 'verify', 'audit')).toContain(
      'No record was changed, removed or inserted.',
    );
  });

  it.each(['@nestjs/common', '@nestjs/config', '@nestjs/core', 'jose', 'kysely', 'rxjs/dist/cjs', 'zod'])(
    'are merged in %s',
    (name) =>
      expect(readdirSync(join(image, 'node_modules', name))).toContainEqual(
        expect.stringMatching(/^merged-.*\.js$/),
      ),
  );

  it('export what the packages do', async () => {
    const code = `
      const names = ['@nestjs/common', '@nestjs/core', 'jose', 'kysely', 'rxjs', 'rxjs/operators', 'zod'];
      const exported = await Promise.all(names.map(async (name) => [name, Object.keys(await import(name))]));
      console.log(JSON.stringify(exported));`;
    const exported = async (cwd: string): Promise<unknown> =>
      JSON.parse((await node(['--input-type=module', '--eval', code], cwd)).stdout);
    expect(await exported(image)).toEqual(await exported(resolve(DIST, '..')));
  });
});
