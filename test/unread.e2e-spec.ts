import { connect, type Socket } from 'node:net';

import { Injectable, Module } from '@nestjs/common';

import { OpenStreams } from '../src/mcp/events/open-streams.js';
import { LiveCatalog, McpTool } from '../src/mcp/index.js';
import { Admission } from '../src/mcp/admission/admission.js';
import { type Aerie, startAerie } from './support/aerie.js';
import { Listener } from './support/listener.js';
import { aPrincipal } from './support/principal.js';
import { message, post, toolCall } from './support/rpc.js';
import { initialize } from './support/sessions.js';
import { until } from './support/until.js';

const base = { description: 'x', scopes: 'authenticated', annotations: { readOnlyHint: true } } as const;

/** More bytes than the system's socket buffers hold. */
const LARGE = 20 * 1024 ** 2;

@Injectable()
class LargeTools {
  @McpTool({ ...base, name: 'large' })
  large(): string {
    return 'x'.repeat(LARGE);
  }

  @McpTool({ ...base, name: 'small' })
  small(): string {
    return 'done';
  }
}

@Module({ providers: [LargeTools] })
class LargeModule {}

describe('unread data of a client', () => {
  let aerie: Aerie;
  let token: string;
  const sockets: Socket[] = [];

  beforeEach(async () => {
    const environment = {
      RESULT_LIMIT: '32mb',
      MAX_BODY_BYTES_PER_CALLER: '24mb', // one large answer, and no other
      MAX_BODY_BYTES: '48mb',
      MCP_SSE: 'on',
    };
    aerie = await startAerie({ modules: [LargeModule], environment });
    token = await aerie.token();
  });
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await aerie.close();
  });

  const held = (): number => aerie.application.get(Admission).heldBytes;
  /** Sends a request on a new connection and reads only the first bytes. */
  const ask = (method: string, path: string, body = ''): Socket => {
    const { hostname, port, pathname } = new URL(aerie.url);
    const socket = connect(Number(port), hostname).on('error', () => {});
    socket.once('data', () => socket.pause());
    socket.write(
      `${method} ${pathname}${path} HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: Bearer ${token}\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    sockets.push(socket);
    return socket;
  };
  const askForLarge = (): Socket => ask('POST', '', JSON.stringify(message(toolCall('large'))));
  /** Takes the memory of the whole instance for other callers. */
  const fill = (): void => {
    const admission = aerie.application.get(Admission);
    for (const subject of ['other', 'third']) {
      const refused = admission.holdUnread(aPrincipal({ subject })).resize(24 * 1024 ** 2);
      expect(refused).toBeUndefined();
    }
  };
  const small = (): Promise<Response> => post(aerie.url, token, message(toolCall('small')));

  it('blocks further calls at the caller’s memory limit until some of it is read', async () => {
    const first = askForLarge();
    await until(() => held() > 0);
    expect((await small()).status).toBe(200);

    const before = held();
    const second = askForLarge();
    let refused = await small();
    while (refused.status === 200) refused = await small(); // the large one is not answered yet
    expect(refused.status).toBe(429);
    expect(await refused.json()).toMatchObject({ error: { data: { limit: 'body_bytes_caller' } } });
    await until(() => held() === before); // the second one was not read within a second
    expect((await small()).status).toBe(429); // nor was the first one

    second.destroy();
    first.destroy();
    await until(() => held() === 0);
    expect((await small()).status).toBe(200);
  });

  it('may be more than the caller’s memory limit, if the client reads it at once', async () => {
    askForLarge();
    await until(() => held() > 0);
    const second = askForLarge();
    let bytes = 0;
    second.on('data', ({ length }) => (bytes += length));
    await until(() => held() > 24 * 1024 ** 2 && bytes > 0);
    second.resume();
    await until(() => bytes > LARGE && held() < 24 * 1024 ** 2);
  });

  it('may be more than the memory of the instance, if the client reads it at once', async () => {
    fill();
    const before = held();
    const client = askForLarge();
    let bytes = 0;
    client.on('data', ({ length }) => (bytes += length));
    await until(() => held() > before && bytes > 0);
    client.resume();
    await until(() => bytes > LARGE && held() === before);
  });

  it('of an event stream may be short events while other callers take the memory of the instance', async () => {
    const listener = await Listener.open(aerie.url, token, { toolsListChanged: true });
    fill();
    const live = aerie.application.get(LiveCatalog);
    live.addTool({ name: 'late', description: 'Late.', scopes: 'authenticated' }, () => '');
    await listener.heard(2);
    expect(listener.events).toEqual(['notifications/tools/list_changed']);
    listener.vanish();
  });

  it('can be read to its end while the server stops', async () => {
    const client = askForLarge();
    await until(() => held() > 0);
    let bytes = 0;
    client.on('data', ({ length }) => (bytes += length));
    const closed = aerie.application.close();
    setTimeout(() => client.resume(), 500);
    await closed;
    await until(() => client.destroyed);
    expect(bytes).toBeGreaterThan(LARGE - 100_000);
  });

  it('ends an HTTP+SSE stream beyond the caller’s memory limit', async () => {
    const stream = ask('GET', '/sse');
    const [start] = await new Promise<[Buffer]>((resolve) => stream.once('data', (data) => resolve([data])));
    const endpoint = /data: (\S+)/.exec(String(start))?.[1] ?? '';
    const messages = new URL(endpoint, aerie.url).href;
    await post(messages, token, initialize('2024-11-05'));
    await post(messages, token, { jsonrpc: '2.0', method: 'notifications/initialized' });

    await post(messages, token, message(toolCall('large', {}, 1)));
    await until(() => held() > 0);
    expect(aerie.application.get(OpenStreams).size).toBe(1);
    await post(messages, token, message(toolCall('large', {}, 2)));
    await until(() => aerie.application.get(OpenStreams).size === 0);
    expect(held()).toBe(0);
  });
});
