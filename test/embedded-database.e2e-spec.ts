import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { BuiltApplication, ONLY_DEMO_TOOLS } from './support/built-application.js';
import { freePort } from './support/ports.js';
import { message, post, resultText, toolCall } from './support/rpc.js';
import { until } from './support/until.js';
import { runCommand } from './support/run-command.js';

/** Reports on standard error when PGlite is imported. */
const WATCH_IMPORTS = `--import ${JSON.stringify(
  `data:text/javascript,${encodeURIComponent(`
    import { registerHooks } from 'node:module';
    registerHooks({ resolve: (name, context, next) => {
      if (name.startsWith('@electric-sql/pglite')) process.stderr.write('PGlite is imported');
      return next(name, context);
    } });`)}`,
)}`;

describe('the embedded database of the built application', () => {
  let directory: string;
  const running: BuiltApplication[] = [];

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'aerie-'));
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((application) => application.kill()));
    rmSync(directory, { recursive: true });
  });

  interface Server {
    readonly application: BuiltApplication;
    readonly origin: string;
    call(tool: string, args?: object): Promise<string>;
  }
  const start = async (further: NodeJS.ProcessEnv = {}): Promise<Server> => {
    const environment = {
      PORT: String(await freePort()),
      DEV_ISSUER_PORT: String(await freePort()),
      NODE_OPTIONS: `${WATCH_IMPORTS} ${ONLY_DEMO_TOOLS.NODE_OPTIONS}`,
      ...further,
    };
    const application = BuiltApplication.start(directory, environment);
    running.push(application);
    const origin = `http://localhost:${environment.PORT}`;
    await application.answers(`${origin}/health/live`);
    const signToken = async (): Promise<string> => {
      const parameters = ['--scope', 'todo:read todo:write usr:read'];
      const { stdout } = await runCommand('token', parameters, directory, {
        ...environment,
        NODE_OPTIONS: '',
      });
      return stdout.trim();
    };
    let token: Promise<string> | undefined;
    return {
      application,
      origin,
      call: async (tool, args = {}) =>
        resultText(await post(`${origin}/mcp`, await (token ??= signToken()), message(toolCall(tool, args)))),
    };
  };

  /** Duration of a call and of the slowest concurrent request, in milliseconds. */
  async function waitsDuring(
    call: Promise<string>,
    origin: string,
  ): Promise<{ longest: number; whole: number }> {
    const began = performance.now();
    const over = new AbortController();
    void call.finally(() => over.abort());
    let longest = 0;
    while (!over.signal.aborted) {
      const sent = performance.now();
      await (await fetch(`${origin}/health/live`)).text();
      longest = Math.max(longest, performance.now() - sent);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return { longest, whole: performance.now() - began };
  }

  it('starts in the background without blocking requests, keeps its data, and serves one process at a time', async () => {
    const first = await start();
    const opened = until(() => first.application.errors.includes('PGlite is imported'));
    const added = opened.then(() => first.call('add_todo', { title: 'Feed the cat' }));
    const { longest, whole } = await waitsDuring(added, first.origin);
    expect(await added).toContain('Feed the cat');
    expect(longest).toBeLessThan(whole / 3);

    const second = await start();
    expect(await second.call('list_todos')).toMatch(/^Another process uses the embedded database/);
    first.application.process.kill('SIGTERM');
    expect(await first.application.exit()).toBe(0);
    expect(first.application.errors.replaceAll(/PGlite is imported\s*/g, '')).toBe('');
    expect(await second.call('list_todos')).toContain('Feed the cat');
  }, 180_000);

  it('is not available in production, and neither are the tools that need it', async () => {
    const { application, origin } = await start({
      NODE_ENV: 'production',
      HOST: '127.0.0.1',
      SK_ENV_URL: 'https://localhost:1',
      MCP_SERVER_ID: 'res_1',
      RESOURCE_URL: 'https://mcp.example.com/mcp',
      DEMO_TOOLS: 'on',
    });
    const metadata = await (await fetch(`${origin}/.well-known/oauth-protected-resource/mcp`)).json();
    expect(metadata).toMatchObject({ scopes_supported: ['admin', 'org:read', 'usr:read'] });
    const readiness = await fetch(`${origin}/health/ready`);
    expect([readiness.status, await readiness.json()]).toEqual([503, { status: 'error' }]); // no signing keys
    expect(application.errors).toBe('');
    expect(existsSync(join(directory, '.aerie'))).toBe(false);
  });
});
