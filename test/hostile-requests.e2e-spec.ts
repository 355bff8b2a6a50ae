import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect, type Socket } from 'node:net';

import { Injectable, Module } from '@nestjs/common';
import type { CallToolResult } from '@modelcontextprotocol/server';

import { McpTool } from '../src/mcp/index.js';
import { type Aerie, startAerie } from './support/aerie.js';
import { ERAS, message, MODERN, MODERN_ENVELOPE, post, postModern, toolCall } from './support/rpc.js';

let runs = 0;

@Injectable()
class CountingTools {
  @McpTool({ name: 'count', scopes: 'authenticated', description: 'Counts how often it ran.' })
  count(): number {
    return ++runs;
  }

  @McpTool({
    name: 'unwritable',
    scopes: 'authenticated',
    description: 'Returns a value that JSON cannot represent.',
  })
  unwritable(): CallToolResult {
    return { content: [], structuredContent: { id: 10n } };
  }

  @McpTool({ name: 'moody', scopes: 'authenticated', description: 'Returns what cannot be written.' })
  moody(): CallToolResult {
    const structuredContent = {
      toJSON(): never {
        throw new Error('Not today.');
      },
    };
    return { content: [], structuredContent };
  }
}

@Module({ providers: [CountingTools] })
class TestTools {}

describe('hostile requests', () => {
  let aerie: Aerie;
  let token: string;
  beforeAll(async () => {
    aerie = await startAerie({ modules: [TestTools] });
    token = await aerie.token({ scope: 'usr:read' });
  });
  afterAll(() => aerie.close());
  beforeEach(() => {
    runs = 0;
  });

  it.each(['__defineGetter__', '__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'a method called %s is none, and harms nobody who comes after it',
    async (method) => {
      const fresh = await startAerie({ modules: [TestTools] });
      const own = await fresh.token();
      for (const [, send] of ERAS) {
        const refused = (await (await send(fresh.url, own, { method })).json()) as object;
        expect(refused).toMatchObject({ error: { code: -32_601 } });
      }
      for (const [, send] of ERAS) {
        const answer = await send(fresh.url, own, toolCall('count'));
        expect(await answer.json()).toMatchObject({ result: { content: [{ type: 'text' }] } });
      }
      await fresh.close();
    },
  );

  describe.each(ERAS)('in the era of %s', (_era, send) => {
    it.each([
      ['unwritable', /"structuredContent\.id" is a bigint\. .* Correlation id: /],
      ['moody', /^The tool failed unexpectedly\. Correlation id: /],
    ])('the tool %s fails, and nobody waits for its result', async (name, text) => {
      const answer = await send(aerie.url, token, toolCall(name));
      const { result } = (await answer.json()) as {
        result: { isError: boolean; content: [{ text: string }] };
      };
      expect(result.isError).toBe(true);
      expect(result.content[0].text).toMatch(text);
    });
  });

  describe('a batch', () => {
    const call = (name: string, id: number): object => message(toolCall(name, { name: 'Saif' }, id));

    it('is rejected as a whole before anything runs if one call lacks its scope', async () => {
      const response = await post(aerie.url, token, [
        message(toolCall('count', {}, 1)),
        call('admin_tool', 2),
        call('greet_user', 3),
      ]);
      expect(response.status).toBe(403);
      expect(response.headers.get('www-authenticate')).toContain('scope="admin usr:read"');
      expect(runs).toBe(0);
    });

    it('is answered completely if all calls are allowed', async () => {
      const response = await post(aerie.url, token, [call('greet_user', 1), call('greet_user', 2)]);
      expect(response.status).toBe(200);
      expect(await response.json()).toMatchObject([{ id: 1 }, { id: 2 }]);
    });

    it.each([
      ['with a later version header', { 'mcp-protocol-version': '2025-06-18' }, [call('greet_user', 1)]],
      ['in the era of 2026', { 'mcp-protocol-version': MODERN }, [call('greet_user', 1)]],
      ['of 101 messages', {}, Array.from({ length: 101 }, (_, index) => call('greet_user', index))],
      ['with one id twice', {}, [call('greet_user', 1), call('greet_user', 1)]],
      ['of nothing', {}, []],
      ['within a batch', {}, [[call('greet_user', 1)]]],
    ])('%s is 400', async (_what, headers, batch) => {
      const response = await post(aerie.url, token, batch, headers);
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ error: { code: -32600 } });
    });

    it.each([
      ['a call and its cancellation', [call('greet_user', 1)], 200],
      ['nothing but cancellations', [], 202],
    ])('of %s is answered', async (_what, calls, status) => {
      const cancellation = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } };
      const response = await post(aerie.url, token, [cancellation, ...calls, cancellation]);
      expect(response.status).toBe(status);
    });

    it('serves the valid elements next to invalid ones', async () => {
      const batch = [{ jsonrpc: '2.0', id: 7 }, call('greet_user', 1), 5];
      const response = await post(aerie.url, token, batch);
      expect(response.status).toBe(200);
      const refused = { error: { code: -32600 } };
      expect(await response.json()).toMatchObject([
        { id: 7, ...refused },
        { id: null, ...refused },
        { id: 1, result: {} },
      ]);
    });

    it('of a notification and an invalid element is answered', async () => {
      const notification = { jsonrpc: '2.0', method: 'notifications/roots/list_changed' };
      const response = await post(aerie.url, token, [notification, 5]);
      expect(response.status).toBe(200);
      expect(await response.json()).toMatchObject([{ id: null, error: { code: -32600 } }]);
    });

    it('returns 400 for only invalid elements', async () => {
      expect((await post(aerie.url, token, [5, {}])).status).toBe(400);
    });

    it('is rejected even if the forbidden call has no id', async () => {
      const { id: _id, ...notification } = { id: 0, ...message(toolCall('admin_tool')) };
      expect((await post(aerie.url, token, [notification])).status).toBe(403);
    });

    it('of 100 messages is served', async () => {
      const batch = Array.from({ length: 100 }, (_, index) => message(toolCall('count', {}, index)));
      const response = await post(aerie.url, token, batch, { 'mcp-protocol-version': '2025-03-26' });
      expect(await response.json()).toHaveLength(100);
      expect(runs).toBe(100);
    });
  });

  describe('a body', () => {
    /** Sends a body with a content length of `length` bytes, and stops after the response. */
    async function send(
      length: number | undefined,
      authorization: string | undefined,
    ): Promise<{ status: number | undefined; body: string; sent: number }> {
      const { hostname, port, pathname } = new URL(aerie.url);
      const chunk = Buffer.alloc(64 * 1024, ' ');
      return new Promise((resolve, reject) => {
        let sent = 0;
        let answered = false;
        const request = httpRequest(
          {
            hostname,
            port,
            path: pathname,
            method: 'POST',
            headers: {
              'content-type': 'application/json',
              ...(length !== undefined && { 'content-length': length }),
              ...(authorization && { authorization }),
            },
          },
          (response) => {
            answered = true;
            let body = '';
            response.on('data', (data: Buffer) => (body += data.toString()));
            response.on('end', () => {
              request.destroy();
              resolve({ status: response.statusCode, body, sent });
            });
          },
        );
        request.on('error', (error) => answered || reject(error));
        const pump = (): void => {
          if (answered || sent >= 200 * 1024 ** 2) return;
          sent += chunk.length;
          if (request.write(chunk)) setImmediate(pump);
          else request.once('drain', pump);
        };
        pump();
      });
    }

    it.each([
      ['that says it has 200 MB', 200 * 1024 ** 2],
      ['without a length', undefined],
    ])('%s is 413 as a JSON-RPC error, long before it is read in full', async (_what, length) => {
      const { status, body, sent } = await send(length, `Bearer ${token}`);
      expect(status).toBe(413);
      expect(JSON.parse(body)).toMatchObject({ jsonrpc: '2.0', error: { code: -32000 }, id: null });
      expect(sent).toBeLessThan(20 * 1024 ** 2);
    });

    it('returns 400 for many chunks of one byte, and is served for a few', async () => {
      const head = `POST /mcp HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nAuthorization: Bearer ${token}\r\nTransfer-Encoding: chunked\r\n\r\n`;
      const chunks = (text: string): string =>
        `${text.replaceAll(/./g, (byte) => `1\r\n${byte}\r\n`)}0\r\n\r\n`;
      const ping = JSON.stringify(message({ method: 'ping' }));
      expect(await converse(aerie, head + chunks(ping))).toMatch(/^HTTP\/1\.1 200/);
      expect(await converse(aerie, head + chunks(ping.padEnd(20_000)))).toMatch(
        /^HTTP\/1\.1 400.*small chunks/s,
      );
    });

    it('of 200 MB without a token returns 401 and is not read', async () => {
      const { status, sent } = await send(200 * 1024 ** 2, undefined);
      expect(status).toBe(401);
      expect(sent).toBeLessThan(20 * 1024 ** 2);
    });

    it('with invalid JSON returns -32700, but only to a caller with a token', async () => {
      const response = await post(aerie.url, token, '{"jsonrpc":');
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ error: { code: -32700 }, id: null });
      expect((await post(aerie.url, undefined, '{"jsonrpc":')).status).toBe(401);
    });

    it.each([
      ['of another type', { 'content-type': 'text/plain' }],
      ['in UTF-16', { 'content-type': 'application/json; charset=utf-16' }],
      ['in ISO 8859-1', { 'content-type': 'application/json; x=y; Charset="iso-8859-1"' }],
      ['that is compressed', { 'content-encoding': 'gzip' }],
    ])('%s is 415', async (_what, headers) => {
      expect((await post(aerie.url, token, '{}', headers)).status).toBe(415);
    });

    it.each(['application/json; charset=utf-8', 'application/json;charset="UTF8"', 'Application/JSON; x=y'])(
      'of the type %s is served',
      async (type) => {
        const ping = message({ method: 'ping' });
        expect((await post(aerie.url, token, ping, { 'content-type': type })).status).toBe(200);
      },
    );

    it.each(['null', '"text"', '42', '{}', '{"jsonrpc":"2.0"}', '{"jsonrpc":"1.0","id":1,"method":"ping"}'])(
      'of %s is -32600',
      async (body) => {
        const response = await post(aerie.url, token, body);
        expect(response.status).toBe(400);
        expect(await response.json()).toMatchObject({ error: { code: -32600 } });
      },
    );

    it('of deeply nested arrays does no harm', async () => {
      const deep = '['.repeat(400_000) + ']'.repeat(400_000);
      expect((await post(aerie.url, token, deep)).status).toBe(400);
      const argument = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"greet_user","arguments":{"name":${'['.repeat(100_000)}${']'.repeat(100_000)}}}}`;
      expect((await post(aerie.url, token, argument)).status).toBeLessThan(500);
      expect((await post(aerie.url, token, message({ method: 'ping' }))).status).toBe(200);
    });

    it('cannot change prototypes', async () => {
      const body =
        '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"greet_user","arguments":{"name":"Saif","__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}}}';
      expect((await post(aerie.url, token, body)).status).toBe(200);
      expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
      for (const name of ['__proto__', 'constructor', 'toString']) {
        const response = await post(aerie.url, token, message(toolCall(name)));
        expect(await response.json()).toMatchObject({ error: { code: -32602 } });
      }
    });
  });

  describe('a slow or endless sender', () => {
    let impatient: Aerie;
    beforeAll(async () => {
      impatient = await startAerie({ environment: { REQUEST_TIMEOUT: '300ms' } });
    });
    afterAll(() => impatient.close());

    it.each([
      ['headers', 'POST /mcp HTTP/1.1\r\nHost: localhost\r\n'],
      [
        'a body',
        'POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n',
      ],
    ])('that does not finish its %s is cut off with 408', async (what, head) => {
      const bearer = await impatient.token();
      const request = what === 'a body' ? `${head}Authorization: Bearer ${bearer}\r\n\r\n{` : head;
      const start = performance.now();
      expect(await converse(impatient, request)).toMatch(/^HTTP\/1\.1 408/);
      const duration = performance.now() - start;
      expect(duration).toBeGreaterThan(290);
      expect(duration).toBeLessThan(20_000);
    });

    it('is disconnected if it keeps sending after the response', async () => {
      const head = 'POST /mcp HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n';
      const start = Date.now();
      const answer = await converse(aerie, head, Buffer.from('1\r\nx\r\n'));
      expect(answer).toMatch(/^HTTP\/1\.1 401/);
      expect(Date.now() - start).toBeLessThan(20_000);
    });

    it('is not read after a rejection, because every chunk costs CPU time', async () => {
      const connected = once(aerie.application.getHttpServer(), 'connection') as Promise<[Socket]>;
      const head = 'POST /mcp HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n';
      const chunk = Buffer.from(`10000\r\n${'x'.repeat(0x1_0000)}\r\n`);
      const answer = await converse(aerie, head, chunk);
      expect(answer).toMatch(/^HTTP\/1\.1 401/);
      const [socket] = await connected;
      expect(socket.bytesRead).toBeLessThan(10 * chunk.length);
    });

    it('cannot keep the server from stopping', async () => {
      const stopping = await startAerie({ environment: { SHUTDOWN_TIMEOUT: '300ms' } });
      const ended = converse(stopping, 'POST /mcp HTTP/1.1\r\nHost: localhost\r\n');
      await new Promise((resolve) => setTimeout(resolve, 100));
      const start = performance.now();
      await stopping.application.close();
      await ended;
      expect(performance.now() - start).toBeLessThan(20_000);
      await stopping.close();
    });
  });

  describe('the origin of a request', () => {
    const call = message(toolCall('greet_user', { name: 'Saif' }));

    it.each([
      'https://evil.example.com',
      'null',
      'http://localhost.evil.example.com',
      'file://',
      'chrome-extension://localhost',
      'vscode-webview://localhost',
      'localhost',
    ])('a foreign Origin, %s, is 403 with and without a token', async (origin) => {
      expect((await post(aerie.url, token, call, { origin })).status).toBe(403);
      expect((await post(aerie.url, undefined, call, { origin })).status).toBe(403);
    });

    it.each(['http://localhost:6274', 'http://127.0.0.1:1234', 'http://[::1]:8080'])(
      'a loopback Origin, %s, is welcome in development',
      async (origin) => {
        const response = await post(aerie.url, token, call, { origin });
        expect(response.status).toBe(200);
        expect(response.headers.get('access-control-allow-origin')).toBe(origin);
      },
    );

    it.each(['/mcp', '/mcp/', '/MCP', '/mcp?x=1', '//mcp'])(
      'an unknown Host is 403 however the path is written: %s',
      async (path) => {
        const { port } = new URL(aerie.url);
        const status = (host: string): Promise<number | undefined> =>
          new Promise((resolve, reject) => {
            httpRequest({ host: '127.0.0.1', port, path, method: 'POST', headers: { host } }, (response) => {
              response.resume();
              resolve(response.statusCode);
            })
              .on('error', reject)
              .end();
          });
        expect([403, 404]).toContain(await status('evil.example.com'));
        expect([401, 404]).toContain(await status('localhost'));
        expect(await status('evil.example.com')).toBe(path === '//mcp' ? 404 : 403);
      },
    );

    it.each([
      ['two Host headers', 'Host: localhost\r\nHost: evil.example'],
      ['two Host headers that are equal', 'Host: localhost\r\nhost: localhost'],
      ['a Host with a user', 'Host: user@localhost'],
      ['a Host with a path', 'Host: localhost/mcp'],
    ])('%s is 400 on every route', async (_what, headers) => {
      for (const start of ['POST /mcp', 'GET /health', 'GET /.well-known/oauth-protected-resource/mcp']) {
        const answer = await converse(aerie, `${start} HTTP/1.1\r\n${headers}\r\nConnection: close\r\n\r\n`);
        expect(answer).toMatch(/^HTTP\/1\.1 400/);
        expect(answer).not.toMatch(/evil|user@/);
      }
    });

    it.each(['/.well-known/oauth-protected-resource/%ff', '/.well-known/%ff', '/%ff', '/mcp/%ff'])(
      'a path that cannot be decoded, %s, is 400 and not repeated',
      async (path) => {
        const response = await fetch(`${aerie.origin}${path}`);
        expect(response.status).toBe(400);
        expect(await response.text()).not.toMatch(/%ff/i);
      },
    );

    it('does not matter for health and metadata', async () => {
      const { port } = new URL(aerie.url);
      for (const path of ['/health', '/health/ready', '/.well-known/oauth-protected-resource/mcp']) {
        const status = await new Promise((resolve, reject) => {
          httpRequest(
            {
              host: '127.0.0.1',
              port,
              path,
              headers: { host: '10.1.2.3:80', origin: 'https://any.example' },
            },
            (response) => {
              response.resume();
              resolve(response.statusCode);
            },
          )
            .on('error', reject)
            .end();
        });
        expect(status).toBe(200);
      }
    });
  });

  describe('the headers of 2026-07-28', () => {
    const call = toolCall('greet_user', { name: 'Saif' });

    it.each([
      ['Mcp-Name names another tool', { 'mcp-name': 'whoami' }, 400, -32020],
      ['Mcp-Method names another method', { 'mcp-method': 'tools/list' }, 400, -32020],
      ['the version is unknown', { 'mcp-protocol-version': '2030-01-01' }, 400, -32020],
    ])('%s', async (_what, headers, status, code) => {
      const response = await postModern(aerie.url, token, call, headers);
      expect(response.status).toBe(status);
      expect(await response.json()).toMatchObject({ error: { code } });
    });

    it.each([
      ['a member too many', { extra: 1 }, {}, -32_600],
      ['a result besides', { result: {} }, {}, -32_600],
      ['an id beyond the whole numbers', { id: 1e300 }, {}, -32_600],
      ['a progress token of no kind', {}, { progressToken: {} }, -32_600],
      ['a task of no kind', {}, { 'io.modelcontextprotocol/related-task': 5 }, -32_600],
      ['a client of no kind', {}, { 'io.modelcontextprotocol/clientInfo': 5 }, -32_602],
      ['a log level of no kind', {}, { 'io.modelcontextprotocol/logLevel': 'loud' }, -32_602],
      [
        'capabilities of no kind',
        {},
        { 'io.modelcontextprotocol/clientCapabilities': { elicitation: 5 } },
        -32_602,
      ],
    ])('a request with %s is answered with 400', async (_what, members, meta, code) => {
      const body = {
        ...message({ method: 'tools/list', params: { _meta: { ...MODERN_ENVELOPE, ...meta } } }),
        ...members,
      };
      const headers = { 'mcp-protocol-version': MODERN, 'mcp-method': 'tools/list' };
      const response = await post(aerie.url, token, body, headers, AbortSignal.timeout(2_000));
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ error: { code } });
    });

    it('return 404 and -32601 for an unknown method', async () => {
      const response = await postModern(aerie.url, token, { method: 'no/such' });
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({ error: { code: -32601 } });
    });

    it('return 400 for an unknown 2025 version', async () => {
      const response = await post(aerie.url, token, message(call), { 'mcp-protocol-version': '2019-01-01' });
      expect(response.status).toBe(400);
    });
  });

  it.each(ERAS)('never put the token into a tool’s result, in the era of %s', async (_era, send) => {
    const text = await (await send(aerie.url, token, toolCall('whoami'))).text();
    expect(text).not.toContain(token.split('.')[2]);
    expect(text).not.toContain('Bearer');
  });
});

/** Writes to a socket, repeatedly if there is a chunk, and resolves with the response until the socket is closed. */
function converse(server: Aerie, text: string, chunk?: Buffer): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    const trickle = chunk && setInterval(() => socket.write(chunk), 5);
    let answer = '';
    socket.on('data', (data: Buffer) => (answer += data.toString()));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearInterval(trickle);
      resolve(answer);
    });
    socket.write(text);
  });
}
