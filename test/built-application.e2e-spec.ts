import { copyFileSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { decodeJwt, generateKeyPair, SignJWT } from 'jose';

import { FolderLock } from '../src/database/folder-lock.js';
import { BuiltApplication, DIST, ONLY_DEMO_TOOLS, runBuiltCommand } from './support/built-application.js';
import { freePort } from './support/ports.js';
import { startRedis } from './support/redis.js';
import { message, post, resultText, toolCall } from './support/rpc.js';
import { runCommand } from './support/run-command.js';
import { until } from './support/until.js';

const GREETING = message(toolCall('greet_user', { name: 'Saif' }));

const ONE_PROCESS = {
  NODE_ENV: 'production',
  HOST: '127.0.0.1',
  SK_ENV_URL: 'https://localhost:1',
  MCP_SERVER_ID: 'res_1',
  RESOURCE_URL: 'https://mcp.example.com/mcp',
  SHUTDOWN_DELAY: '1ms',
};
const WORKERS = { ...ONE_PROCESS, WORKERS: '2' };

describe('the built application', () => {
  let directory: string;
  let environment: NodeJS.ProcessEnv;
  let url: string;
  let origin: string;
  let database: FolderLock;
  const running: BuiltApplication[] = [];

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'aerie-'));
    // Keeps the embedded database closed, since opening it takes more CPU time than the rest of a test.
    database = await FolderLock.take(join(directory, '.aerie', 'database'));
    environment = { PORT: String(await freePort()), DEV_ISSUER_PORT: String(await freePort()) };
    origin = `http://localhost:${environment['PORT']}`;
    url = `${origin}/mcp`;
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((application) => application.kill()));
    rmSync(directory, { recursive: true });
  });

  const start = (further: NodeJS.ProcessEnv = {}): BuiltApplication => {
    const application = BuiltApplication.start(directory, { ...environment, ...further });
    running.push(application);
    return application;
  };
  const token = async (...parameters: string[]): Promise<string> =>
    (await runCommand('token', parameters, directory, environment)).stdout.trim();

  it('logs warnings of Node.js, without control characters', async () => {
    const script = `setInterval(() => {
      if (process.listenerCount('uncaughtException')) process.emitWarning('cleared \u001b[2J\u009b2J');
    }, 50).unref()`;
    const application = start({
      NODE_ENV: 'test',
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(script)}`,
    });
    await until(() => application.output.includes('process warning'));
    expect(application.output).toContain('cleared');
    const printed = application.output + application.errors;
    expect([printed.includes('\u001b[2J'), printed.includes('\u009b')]).toEqual([false, false]);
  });

  it('says once that it cannot open more files, and when it can again', async () => {
    const shell = ['-c', 'ulimit -n 100; exec "$0" "$@"', process.execPath, join(DIST, 'main.js')];
    const application = BuiltApplication.start(directory, { ...environment, ...ONE_PROCESS }, shell, 'sh');
    running.push(application);
    await application.answers(url, 403);
    expect(application.output).toContain('may open 100 files, fewer than MAX_CONNECTIONS (20000). Raise');
    const sockets = Array.from({ length: 120 }, () =>
      connect(Number(environment['PORT']), '127.0.0.1').on('error', () => undefined),
    );
    await until(() => application.output.includes(' of 100 files are open. At the limit'));
    sockets.forEach((socket) => socket.destroy());
    await until(() => / of 100 files are open\."/.test(application.output));
    await application.answers(url, 403);
    expect(application.output.match(/At the limit/g)).toHaveLength(1);
  });

  it('serves on and stops on SIGTERM while its log cannot be written, because the disk is full', async () => {
    const shell = ['-c', 'exec "$0" "$@" > /dev/full', process.execPath, join(DIST, 'main.js')];
    const application = BuiltApplication.start(directory, { ...environment, ...ONE_PROCESS }, shell, 'sh');
    running.push(application);
    await application.answers(url, 403);
    await until(() => application.errors !== '');
    await application.answers(url, 403);
    expect(application.errors).toMatch(/^Standard output cannot be written \(ENOSPC.*\n$/);
    application.process.kill('SIGTERM');
    expect(await application.exit()).toBe(0);
  });

  it.each([
    // More lines than a pipe holds.
    ['stalls', 50, (output: Readable): unknown => output.pause()],
    ['has ended', 2, (output: Readable): unknown => output.destroy()],
  ])('serves on and stops on SIGTERM when the reader of its log %s', async (_what, rounds, end) => {
    const application = start(ONE_PROCESS);
    await application.answers(url, 403);
    const { stdout } = application.process;
    if (!stdout) throw new Error('The output is not read.');
    end(stdout);
    for (let round = 0; round < rounds; round++) {
      await Promise.all(Array.from({ length: 20 }, () => application.answers(url, 403)));
    }
    application.process.kill('SIGTERM');
    expect(await application.exit()).toBe(0);
  });

  it('starts without configuration, prints its URLs, answers, and stops on SIGTERM', async () => {
    await database.release();
    const early = await token();
    const application = start();
    await application.answers(`${origin}/health/ready`);

    expect(application.output).toContain(url);
    expect(application.output).toContain(`http://localhost:${environment['DEV_ISSUER_PORT']}`);
    expect(application.output).toContain('$(npm run --silent token)');
    expect(application.output).not.toContain('eyJ');

    for (const bearer of [early, await token('--user', 'bob', '--scope', 'usr:read')]) {
      expect(await resultText(await post(url, bearer, GREETING))).toBe('Hi Saif, welcome to Scalekit!');
    }
    expect(application.output).toMatch(/issuer request .*"\/keys"/);
    application.process.kill('SIGTERM');
    expect(await application.exit()).toBe(0);
    expect(application.errors).toBe('');

    // The signing key is kept.
    await start().answers(`${origin}/health/ready`);
    expect((await post(url, early, GREETING)).status).toBe(200);
  });

  it('is found by the token command in another terminal, whatever its ports are', async () => {
    const application = start();
    await application.answers(`${origin}/health/ready`);
    const { stdout, stderr } = await runBuiltCommand('token', [], directory, {});
    expect(stderr).toBe(`Note: this token is for ${url}, which runs from this folder.\n`);
    expect(await resultText(await post(url, stdout.trim(), GREETING))).toBe('Hi Saif, welcome to Scalekit!');

    const second = { PORT: String(await freePort()), DEV_ISSUER_PORT: String(await freePort()) };
    const other = start(second);
    await other.answers(`http://localhost:${second.PORT}/health/ready`);
    const ambiguous = await runCommand('token', [], directory, {});
    expect(ambiguous).toMatchObject({ code: 1, stderr: expect.stringMatching(/^Several servers run.*PORT/) });
    expect(ambiguous.stderr).toContain(url);
    expect(decodeJwt(await token())).toMatchObject({ aud: expect.arrayContaining([url]) });

    await other.kill();
    expect((await runCommand('token', [], directory, {})).stderr).toContain(`is for ${url},`);
    application.process.kill('SIGTERM');
    await application.exit();
    expect(decodeJwt((await runCommand('token', [], directory, {})).stdout.trim())).toMatchObject({
      aud: expect.arrayContaining(['http://localhost:3002/mcp']),
    });
  });

  it('stops gracefully when only npm gets SIGTERM', async () => {
    copyFileSync(join(dirname(DIST), 'package.json'), join(directory, 'package.json'));
    symlinkSync(DIST, join(directory, 'dist'));
    // Skips "prestart", because the build exists.
    const npmStart = ['start', '--ignore-scripts'];
    const application = BuiltApplication.start(directory, environment, npmStart, 'npm');
    running.push(application);
    await application.answers(`${origin}/health/ready`);
    application.process.kill('SIGTERM');
    expect(await application.exit()).toBe(0);
    await expect(fetch(`${origin}/health/ready`)).rejects.toThrow();
  });

  it('finishes calls in flight before it stops', async () => {
    const application = start();
    await application.answers(`${origin}/health/ready`);
    const bearer = await token();

    const body = JSON.stringify(GREETING);
    const call = httpRequest(url, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${bearer}`,
        'content-type': 'application/json',
        'content-length': body.length,
      },
    });
    const answered = new Promise<string>((resolve, reject) => {
      call.on('error', reject);
      call.on('response', (response) => {
        let text = '';
        response.on('data', (data: Buffer) => (text += data.toString()));
        response.on('end', () => resolve(text));
      });
    });
    call.write(body.slice(0, 10));
    await new Promise((resolve) => setTimeout(resolve, 200));
    application.process.kill('SIGTERM');
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(application.process.exitCode).toBeNull();
    await expect(fetch(`${origin}/health`)).rejects.toThrow(/fetch failed/);
    call.end(body.slice(10));

    expect(await answered).toContain('Hi Saif');
    expect(await application.exit()).toBe(0);
  });

  it('reports that it is stopping, keeps serving meanwhile, and closes connections', async () => {
    const application = start({ SHUTDOWN_DELAY: '600ms' });
    await application.answers(`${origin}/health/ready`);
    const bearer = await token();
    application.process.kill('SIGTERM');
    await application.answers(`${origin}/health/ready`, 503);
    const response = await post(url, bearer, GREETING);
    expect(response.headers.get('connection')).toBe('close');
    expect(await resultText(response)).toContain('Hi Saif');
    expect(await application.exit()).toBe(0);
  });

  it('ends at once on a second signal', async () => {
    const application = start({ SHUTDOWN_DELAY: '60s' });
    await application.answers(`${origin}/health/ready`);
    application.process.kill('SIGTERM');
    await application.answers(`${origin}/health/ready`, 503);
    application.process.kill('SIGTERM'); // the same one, as a group of processes may get it
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    expect(application.process.exitCode).toBeNull();
    application.process.kill('SIGTERM');
    expect(await application.exit()).toBe(1);
  });

  it('runs several workers, reloads their settings, replaces one that dies, and stops them all', async () => {
    const redis = await startRedis();
    try {
      const metricsPort = String(await freePort());
      const application = start({ ...WORKERS, REDIS_URL: redis.url, METRICS_PORT: metricsPort });
      await application.answers(`${origin}/health/live`);
      const pids = async (): Promise<number[]> => {
        const found = new Set<number>();
        for (let request = 0; request < 10; request++) {
          await requestOverNewConnection(`${origin}/no-such-route`);
        }
        await new Promise((resolve) => setTimeout(resolve, 100));
        for (const line of application.output.split('\n')) {
          const pid = line.includes('no-such-route') ? (JSON.parse(line) as { pid: number }).pid : undefined;
          if (pid !== undefined) found.add(pid);
        }
        return [...found];
      };
      let seen = await pids();
      for (let attempt = 0; seen.length < 2 && attempt < 50; attempt++) seen = await pids();
      expect(seen).toHaveLength(2);
      const requests = application.output.split('\n').filter((line) => line.includes('no-such-route')).length;
      const totalOf = async (metric: string): Promise<number> => {
        const metrics = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
        const line = metrics.split('\n').find((text) => text.startsWith(`${metric} `));
        return Number(line?.slice(metric.length));
      };
      const counted = (): Promise<number> => totalOf('aerie_refusals_total{reason="http_404"}');
      expect(await counted()).toBe(requests);
      expect(await totalOf('aerie_workers_restarted_total')).toBe(0);
      const linesWith = (text: string): number => application.output.split(text).length - 1;
      application.process.kill('SIGHUP');
      await until(() => linesWith('The configuration has not changed.') === 2);
      writeFileSync(join(directory, '.env'), 'RATE_LIMIT_CALLER=7/min');
      await until(() => linesWith('Reloaded the configuration. Changed: RATE_LIMIT_CALLER.') === 2);
      // An invalid change, and one that needs a restart: the next worker runs like the other one all the same.
      writeFileSync(join(directory, '.env'), 'RATE_LIMIT_CALLER=often\nMAX_CONNECTIONS=70');
      await until(() => linesWith('The changed configuration is invalid') === 2);
      process.kill(seen[0]!, 'SIGKILL');
      for (let attempt = 0; seen.length < 3 && attempt < 100; attempt++) seen = await pids();
      expect(seen).toHaveLength(3);
      await until(() => linesWith('The changed configuration is invalid') === 3);
      writeFileSync(join(directory, '.env'), 'RATE_LIMIT_CALLER=7/min\nMAX_CONNECTIONS=70');
      await until(() => linesWith('take effect only after a restart: MAX_CONNECTIONS.') === 2);
      expect(await counted()).toBeGreaterThan(requests); // also without those of the first worker since then
      expect(await totalOf('aerie_workers_restarted_total')).toBe(1);
      application.process.kill('SIGTERM');
      expect(await application.exit()).toBe(0);
      for (const pid of seen) expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
    } finally {
      await redis.stop();
    }
  });

  it('stops without an error while a worker is starting', async () => {
    const redis = await startRedis();
    try {
      const application = start({ ...WORKERS, REDIS_URL: redis.url });
      await application.answers(`${origin}/health/live`);
      await requestOverNewConnection(`${origin}/no-such-route`);
      await until(() => /"pid":\d+/.test(application.output));
      process.kill(Number(/"pid":(\d+)/.exec(application.output)?.[1]), 'SIGKILL');
      await until(() => application.errors.includes('exited unexpectedly'));
      // The worker in its place begins a second later, and takes about another to load.
      await new Promise((resolve) => setTimeout(resolve, 1_100));
      application.process.kill('SIGTERM');
      expect(await application.exit()).toBe(0);
    } finally {
      await redis.stop();
    }
  });

  it.each([
    ['while it runs', false],
    ['while it stops', true],
  ])(
    'closes the audit trail of each worker when the first process is killed %s',
    async (_when, isStopping) => {
      const redis = await startRedis();
      try {
        const audit = { AUDIT: 'file', AUDIT_DIRECTORY: join(directory, 'audit') };
        const application = start({ ...WORKERS, ...audit, REDIS_URL: redis.url, SHUTDOWN_DELAY: '4s' });
        await application.answers(`${origin}/health/live`);
        await until(() => application.output.split('"msg":"started"').length === 3);
        if (isStopping) {
          application.process.kill('SIGTERM');
          await new Promise((resolve) => setTimeout(resolve, 1_500)); // a signal after more than a second is no duplicate
        }
        application.process.kill('SIGKILL');
        await application.exit(); // of the workers, which have the same standard output
        const verified = await runCommand(
          'audit',
          ['verify', audit.AUDIT_DIRECTORY, '--closed'],
          directory,
          {},
        );
        expect(verified).toMatchObject({ code: 0, stdout: expect.stringContaining('2 chains') });
      } finally {
        await redis.stop();
      }
    },
  );

  it('closes connections beyond the maximum of its workers at once', async () => {
    const redis = await startRedis();
    const sockets: Socket[] = [];
    try {
      const application = start({ ...WORKERS, REDIS_URL: redis.url, MAX_CONNECTIONS: '5' });
      await until(() => application.output.split('"msg":"started"').length === 3);
      let closed = 0;
      for (let opened = 0; opened < 30; opened++) {
        const socket = connect(Number(environment['PORT']), '127.0.0.1').on('error', () => undefined);
        sockets.push(socket.resume().on('close', () => closed++));
      }
      // The others wait for REQUEST_TIMEOUT: ten, unless one worker got more than its half while the other was busy.
      await until(() => closed >= 20, 5_000);
      await until(() => application.output.includes('MAX_CONNECTIONS (5) is reached'), 5_000);
    } finally {
      sockets.forEach((socket) => socket.destroy());
      await redis.stop();
    }
  });

  it('reads .env, with lower precedence than the environment', async () => {
    const port = await freePort();
    writeFileSync(join(directory, '.env'), `PORT=${port}\nDEV_ISSUER_PORT=1\n`);
    const application = start({ PORT: undefined });
    await application.answers(`http://localhost:${port}/health/ready`);
  });

  it('lists every configuration problem and exits with 1', async () => {
    const application = start({
      NODE_ENV: 'production',
      BODY_LIMIT: 'much',
      SK_ENV_URL: 'https://acme.scalekit.com/resources/res_1',
    });
    expect(await application.exit()).toBe(1);
    expect(application.output).toBe('');
    expect(application.errors).toMatch(/3 configuration problems/);
    for (const variable of ['BODY_LIMIT', 'SK_ENV_URL', 'PROTECTED_RESOURCE_METADATA']) {
      expect(application.errors).toMatch(new RegExp(`${variable}: .*\n +→ \\w`));
    }
    expect(application.errors).not.toMatch(/\bat .*\.js:/);
  });

  it('runs in production: alive, not ready without keys, and 503 for tokens that it cannot verify', async () => {
    const resource = 'https://mcp.example.com/mcp';
    const { privateKey } = await generateKeyPair('RS256');
    const bearer = await new SignJWT({ iss: 'https://localhost:1', aud: resource, sub: 'usr_1' })
      .setProtectedHeader({ alg: 'RS256', kid: 'snk_1' })
      .setExpirationTime('1h')
      .sign(privateKey);
    const application = start({
      ...ONLY_DEMO_TOOLS,
      NODE_ENV: 'production',
      HOST: '127.0.0.1',
      SK_ENV_URL: 'https://localhost:1',
      MCP_SERVER_ID: 'res_1',
      RESOURCE_URL: resource,
      ALLOWED_HOSTS: 'localhost',
    });
    await application.answers(`${origin}/health/live`);
    expect((await fetch(`${origin}/health/ready`)).status).toBe(503);
    const startedLines = (): string[] =>
      application.output.split('\n').filter((line) => line.includes('"msg":"started"'));
    await until(() => startedLines().length > 0);
    expect(startedLines().map((line): unknown => JSON.parse(line))).toEqual([
      expect.objectContaining({
        level: 30,
        version: expect.stringMatching(/^\d+\.\d+\.\d+/),
        address: `127.0.0.1:${environment['PORT']}`,
        resource,
        eras: ['2026-07-28', '2025-11-25', '2025-06-18', '2025-03-26'],
        authModes: ['scalekit'],
        tools: 0,
        demoTools: false,
        prompts: 0,
        warnings: expect.any(Number),
      }),
    ]);
    expect(application.output).toContain('The server offers no tools. Write one with: npm run aerie');
    expect(application.output).not.toMatch(/"level":30(?!.*"(msg":"(started|request)"|context":"Shutdown"))/);
    const response = await post(url, bearer, GREETING);
    expect(response.status).toBe(503);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(application.output + application.errors).not.toContain(bearer.split('.')[2]);
  });

  describe('npm run token', () => {
    it('prints a token and nothing else', async () => {
      const { code, stdout, stderr } = await runBuiltCommand('token', [], directory, environment);
      expect(stdout).toMatch(/^eyJ[\w-]+\.[\w-]+\.[\w-]+\n$/);
      expect([code, stderr]).toEqual([0, '']);
    });

    it('has the scopes of a first sign-in by default', async () => {
      expect(decodeJwt(await token())).toMatchObject({ scopes: ['org:read', 'todo:read', 'usr:read'] });
      environment = { ...environment, SIGN_IN_SCOPES: 'usr:read admin' };
      expect(decodeJwt(await token('--user', 'bob'))).toMatchObject({ scopes: ['usr:read'] });
    });

    it('is accepted by a server that accepts only short tokens', async () => {
      environment = { ...environment, MAX_TOKEN_LIFETIME: '10m' };
      const { exp = 0, iat = 0 } = decodeJwt(await token());
      expect(exp - iat).toBe(600);
    });

    it('warns about unused scopes', async () => {
      const parameters = ['--scope', 'openid nope:nope usr:raed vault:open admin'];
      const { code, stderr } = await runCommand('token', parameters, directory, environment);
      expect(code).toBe(0);
      expect(stderr.split('\n').slice(0, 2)).toEqual([
        'Warning: nothing on this server needs the scope "nope:nope".',
        'Warning: nothing on this server needs the scope "usr:raed". Did you mean "usr:read"?',
      ]);
    });

    it.each([
      ['an unknown user', ['--user', 'mallory'], /alice/, 2],
      ['a scope that the user may not have', ['--user', 'bob', '--scope', 'admin'], /admin/, 1],
      ['an invalid lifetime', ['--expires', 'soon'], /soon/, 2],
      ['a lifetime that the server would refuse', ['--expires', '7d'], /MAX_TOKEN_LIFETIME/, 2],
      ['an unknown option', ['--colour', 'red'], /colour/, 2],
    ])('refuses %s', async (_what, parameters, text, exitCode) => {
      const { code, stdout, stderr } = await runCommand('token', parameters, directory, environment);
      expect(code).toBe(exitCode);
      expect(stdout).toBe('');
      expect(stderr).toMatch(text);
    });

    it('fails if Scalekit issues the tokens', async () => {
      const { code, stderr } = await runCommand('token', [], directory, {
        ...environment,
        SK_ENV_URL: 'https://acme.scalekit.com',
        MCP_SERVER_ID: 'res_1',
        RESOURCE_URL: 'https://mcp.example.com/mcp',
      });
      expect(code).toBe(1);
      expect(stderr).toMatch(/Scalekit/);
    });
  });
});

/** Workers share connections, not requests. A connection to a worker that dies is lost. */
function requestOverNewConnection(url: string): Promise<void> {
  return new Promise((resolve) => {
    const request = httpRequest(url, { agent: false, timeout: 1_000 }, (response) => response.resume());
    request.on('timeout', () => request.destroy());
    request.on('error', () => undefined);
    request.on('close', resolve);
    request.end();
  });
}
