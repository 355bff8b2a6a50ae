import { EventEmitter, once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';

import { listen } from '../src/values/listen.js';
import { type Aerie, startAerie } from './support/aerie.js';
import { BuiltApplication, DIST, runBuiltCommand } from './support/built-application.js';
import { commandLine, startCommandLine } from './support/command-line.js';
import { freePort } from './support/ports.js';
import { prepareDatabase } from './support/prepared-database.js';
import { runCommand } from './support/run-command.js';
import { signIn } from './support/sign-in.js';
import { until } from './support/until.js';

const initialized = (capabilities: object): object => ({
  protocolVersion: '2025-11-25',
  capabilities,
  serverInfo: { name: 'other', version: '1' },
});

/** Creates a server without sessions. A method without a result is not found. */
const answering = (
  resultOf: (method: string, response: ServerResponse) => Promise<object | undefined>,
): Server =>
  createServer((request, response) => {
    if (request.method !== 'POST') {
      response.writeHead(405).end();
      return;
    }
    void json(request).then(async (body) => {
      const { id, method } = body as { id?: number; method: string };
      if (id === undefined) return response.writeHead(202).end();
      const result = await resultOf(method, response);
      const outcome = result ? { result } : { error: { code: -32_601, message: 'Method not found' } };
      response.setHeader('content-type', 'application/json');
      return response.end(JSON.stringify({ jsonrpc: '2.0', id, ...outcome }));
    });
  });

describe('the commands that call a server', () => {
  let aerie: Aerie;
  let token: string;
  // Silences a warning: Jest hides oidc-provider's protection of outgoing requests, and this test makes none.
  beforeEach(() => jest.spyOn(console, 'warn').mockImplementation());
  beforeAll(async () => {
    aerie = await startAerie({ environment: { TOOL_SEARCH: 'always' } }); // for models, not for people
    token = await aerie.token();
  });
  afterAll(() => aerie.close());

  const at = (...argv: string[]): string[] => [...argv, '--url', aerie.url];

  it('list shows what the caller sees', async () => {
    const { code, out, err } = await commandLine(at('list', '--token', token));
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/^Tools \(\d\)\n/);
    expect(out).toMatch(/^ {2}greet_user\(name\)\n {6}\S/m);
    expect(out).not.toContain('admin_tool');
    expect(out).toMatch(/^Resources \(0\)\nPrompts \(0\)\n$/m);
  });

  it('list prints the full declarations as JSON', async () => {
    const { code, out } = await commandLine(at('list', '--json', '--token', '-'), { input: `${token}\n` });
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      tools: expect.arrayContaining([
        expect.objectContaining({ name: 'greet_user', inputSchema: expect.anything() }),
      ]),
      resources: [],
      prompts: [],
    });
  });

  it('list and call ask a server for no list that it does not have', async () => {
    const debug = jest.spyOn(console, 'debug').mockImplementation();
    const results: Record<string, object> = {
      initialize: initialized({ resources: {} }),
      'resources/list': { resources: [] },
      'tools/call': { content: [{ type: 'text', text: 'done' }] },
    };
    const server = answering((method) => Promise.resolve(results[method]));
    const url = `http://127.0.0.1:${await listen(server)}/mcp`;
    try {
      const { code, out } = await commandLine(['list', '--url', url, '--token', 'x', '--json']);
      expect([code, JSON.parse(out)]).toEqual([
        0,
        { tools: [], resources: [], resourceTemplates: [], prompts: [] },
      ]);
      const called = await commandLine(['call', 'any', '--url', url, '--token', 'x']);
      expect(called).toEqual({ code: 0, out: 'done\n', err: '' });
      expect(debug).not.toHaveBeenCalled();
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });

  it('call prints the text of the result, or the result as JSON', async () => {
    const argv = at('call', 'greet_user', '--arg', 'name=Saif', '--token', token);
    expect(await commandLine(argv)).toEqual({ code: 0, out: 'Hi Saif, welcome to Scalekit!\n', err: '' });
    const { out } = await commandLine([...argv, '--json']);
    expect(JSON.parse(out)).toMatchObject({
      content: [{ type: 'text', text: 'Hi Saif, welcome to Scalekit!' }],
    });
  });

  it('call waits for a tool that runs for longer than a minute', async () => {
    const events = new EventEmitter();
    const server = answering(async (method) => {
      if (method === 'initialize') return initialized({});
      if (method !== 'tools/call') return undefined;
      const finished = once(events, 'finish');
      events.emit('received');
      await finished;
      return { content: [{ type: 'text', text: 'done' }] };
    });
    const url = `http://127.0.0.1:${await listen(server)}/mcp`;
    jest.useFakeTimers({ doNotFake: ['Date', 'hrtime', 'nextTick', 'queueMicrotask', 'setImmediate'] });
    try {
      const received = once(events, 'received');
      const called = commandLine(['call', 'any', '--url', url, '--token', 'x']);
      await received;
      jest.advanceTimersByTime(3_600_000);
      events.emit('finish');
      expect(await called).toEqual({ code: 0, out: 'done\n', err: '' });
    } finally {
      jest.useRealTimers();
      server.close();
      server.closeAllConnections();
    }
  });

  it.each(['destroy', 'end'] as const)(
    'call fails if the server %ss the stream of its response',
    async (how) => {
      const server = answering((method, response) => {
        if (method !== 'tools/call')
          return Promise.resolve(method === 'initialize' ? initialized({}) : undefined);
        const params = { progressToken: 1, progress: 1 };
        const progress = { jsonrpc: '2.0', method: 'notifications/progress', params };
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(`data: ${JSON.stringify(progress)}\n\n`, () => response[how]());
        return new Promise(() => {});
      });
      const url = `http://127.0.0.1:${await listen(server)}/mcp`;
      try {
        const { code, err } = await commandLine(['call', 'any', '--url', url, '--token', 'x']);
        expect([code, err]).toEqual([
          1,
          expect.stringMatching(
            /^1 ?\nThe connection to http:\S+ ended before the response arrived\. The call may have run: check its effect before you repeat it\.\n$/,
          ),
        ]);
      } finally {
        server.close();
        server.closeAllConnections();
      }
    },
    2_000,
  );

  it('call reads JSON arguments', async () => {
    const argv = at('call', 'greet_user', '--json-arg', 'name="Ada"', '--token', token);
    expect(await commandLine(argv)).toMatchObject({ code: 0, out: 'Hi Ada, welcome to Scalekit!\n' });
  });

  it.each([
    ['an unknown tool', ['call', 'greet_usr'], 1, /no tool "greet_usr"\. Did you mean "greet_user"\?/],
    ['a tool that needs a scope to be listed', ['call', 'admin_tool'], 1, /--scope admin\./],
    ['a missing argument', ['call', 'greet_user'], 1, /name/],
    ['an argument without a value', ['call', 'greet_user', '--arg', 'name'], 2, /not name=value/],
    ['an argument that is not JSON', ['call', 'greet_user', '--json-arg', 'name=x'], 2, /not JSON/],
  ])('call reports %s', async (_what, argv, code, message) => {
    const result = await commandLine(at(...argv, '--token', token));
    expect(result.code).toBe(code);
    expect(result.out + result.err).toMatch(message);
  });

  it('reports a rejected token and an unreachable server in one line', async () => {
    const rejected = await commandLine(at('list', '--token', `${token}x`));
    expect(rejected).toEqual({
      code: 1,
      out: '',
      err: `${aerie.url} rejects the token: The signature of the access token is invalid. The command doctor checks it.\n`,
    });
    const nowhere = `http://localhost:${await freePort()}/mcp`;
    expect(await commandLine(['list', '--url', nowhere, '--token', token])).toEqual({
      code: 1,
      out: '',
      err: expect.stringMatching(
        /^http:\/\/localhost:\d+\/mcp cannot be reached \(.*\)\. Check that the server runs, .*\n$/,
      ),
    });
    expect(await commandLine(['list', '--url', 'mcp.example.com'])).toMatchObject({ code: 2 });
    for (const url of [
      'http://ada:s3cret@mcp.example.com/mcp',
      'ada:s3cret@mcp.example.com/mcp',
      'http://ada:s3cret@',
    ]) {
      const refused = await commandLine(['list', '--url', url]);
      expect(refused).toMatchObject({ code: 2, err: expect.not.stringContaining('s3cret') });
    }
  });

  it.each([
    ['--user with --url', ['list', '--url', 'http://localhost:1/mcp', '--user', 'bob'], /--user/],
    ['--user with --token', ['list', '--token', 'x', '--user', 'bob'], /--user/],
    ['--user with --sign-in', ['list', '--sign-in', '--user', 'bob'], /--user/],
    ['--user without a server', ['list', '--user', 'bob'], /--user needs a server with an embedded issuer/],
    ['--scope with --token', ['list', '--token', 'x', '--scope', 'admin'], /--scope/],
    ['--sign-in with --token', ['list', '--token', 'x', '--sign-in'], /--sign-in/],
  ])('refuse %s, which would have no effect', async (_what, argv, message) => {
    const directory = mkdtempSync(join(tmpdir(), 'aerie-'));
    try {
      const { code, stderr } = await runCommand(argv[0] ?? '', argv.slice(1), directory, {});
      expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it('name the configured server that gets a given token, because none runs from this folder', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'aerie-'));
    try {
      const environment = { RESOURCE_URL: 'http://localhost:1/mcp' };
      const { code, stderr } = await runCommand('list', ['--token', 'x'], directory, environment);
      expect([code, stderr]).toEqual([
        1,
        expect.stringMatching(
          /^No server runs from this folder, so this calls http:\/\/localhost:1\/mcp\.\n/,
        ),
      ]);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it.each([
    ['list', ['list', '--url']],
    ['doctor', ['doctor']],
  ])('%s refuses text that is no token, and does not print it', async (_name, argv) => {
    const given = [...argv, aerie.url, '--token', '-'];
    const broken = await commandLine(given, { input: `${token.slice(0, 20)}\n${token.slice(20)}` });
    expect(broken).toMatchObject({ code: 2, out: '', err: expect.stringContaining('no access token has') });
    expect(broken.err).not.toContain(token.slice(0, 20));
    expect(await commandLine(given, { input: '\n' })).toMatchObject({
      code: 2,
      err: expect.stringContaining('The token is empty.'),
    });
  });

  /** Starts a command, and answers each sign-in as this user. */
  async function signingIn(argv: string[], times: number, decision?: 'deny'): ReturnType<typeof commandLine> {
    const command = startCommandLine([...argv, '--no-browser']);
    for (let time = 0; time < times; time++) {
      const urls = (): string[] =>
        [...command.err().matchAll(/^Sign in at (.*)$/gm)].map(([, url = '']) => url);
      await until(() => urls().length > time);
      const callback = await signIn(urls()[time] ?? '', { user: 'alice', ...(decision && { decision }) });
      expect((await fetch(new URL('?code=x&state=guess', callback))).status).toBe(404);
      expect((await fetch(callback)).status).toBe(200);
    }
    return command.ended;
  }

  it('signs in through the browser', async () => {
    const { code, out } = await signingIn(at('call', 'greet_user', '--arg', 'name=Saif'), 1);
    expect({ code, out }).toEqual({ code: 0, out: 'Hi Saif, welcome to Scalekit!\n' });
  });

  it('asks for the scopes of --scope in the sign-in', async () => {
    const { code, out, err } = await signingIn(at('list', '--scope', 'admin'), 1);
    expect(code).toBe(0);
    expect(out).toContain('admin_tool');
    const url = new URL(/^Sign in at (.*)$/m.exec(err)?.[1] ?? '');
    expect(url.searchParams.get('scope')?.split(' ')).not.toContain('usr:read');
  });

  it('reports a sign-in that the user refuses', async () => {
    const { code, err } = await signingIn(at('list'), 1, 'deny');
    expect(code).toBe(1);
    expect(err).toMatch(/^The sign-in failed: /m);
  });

  describe('with a server in another terminal', () => {
    let directory: string;
    let application: BuiltApplication;
    let port: string;
    beforeAll(async () => {
      directory = mkdtempSync(join(tmpdir(), 'aerie-'));
      await prepareDatabase(join(directory, '.aerie', 'database'));
      port = String(await freePort());
      const ports = { PORT: port, DEV_ISSUER_PORT: String(await freePort()) };
      application = BuiltApplication.start(directory, ports, [join(DIST, 'cli/main.js'), 'start']);
      await application.answers(`http://localhost:${port}/health/ready`);
    });
    afterAll(async () => {
      await application.kill();
      rmSync(directory, { recursive: true });
    });
    const recorded = (): string[] =>
      readdirSync(join(directory, '.aerie')).filter((name) => name.startsWith('running-'));

    it('calls the server of this folder with a token of its issuer', async () => {
      const argv = ['greet_user', '--arg', 'name=Saif', '--user', 'bob'];
      expect(await runBuiltCommand('call', argv, directory, {})).toMatchObject({
        code: 0,
        stdout: 'Hi Saif, welcome to Scalekit!\n',
      });
    });

    it('names the scope that a call lacks', async () => {
      const argv = ['add_todo', '--arg', 'title=Milk'];
      const { code, stderr } = await runCommand('call', argv, directory, {});
      expect(code).toBe(1);
      expect(stderr).toMatch(/todo:write.*Ask for it with --scope todo:write\.\n$/s);
      expect(await runCommand('call', [...argv, '--scope', 'todo:write'], directory, {})).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('"title":"Milk"'),
      });
    });

    it('opens the Inspector on that server', async () => {
      const echo = `#!/bin/sh\necho "$@"\nexit 3\n`;
      writeFileSync(join(directory, 'npx'), echo, { mode: 0o755 });
      const { code, stdout } = await runBuiltCommand('inspect', [], directory, {
        PATH: `${directory}:${process.env['PATH']}`,
      });
      expect(code).toBe(3);
      expect(stdout).toBe(
        `--yes @modelcontextprotocol/inspector@2 --web --transport http --protocol-era auto --server-url http://localhost:${port}/mcp\n`,
      );
    });

    it('start stops on SIGTERM, and is then no longer found', async () => {
      expect(recorded()).toHaveLength(1);
      application.process.kill('SIGTERM');
      expect(await application.exit()).toBe(0);
      expect(recorded()).toEqual([]);
    });
  });
});
