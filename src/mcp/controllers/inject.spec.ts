import { once } from 'node:events';
import { createServer } from 'node:http';
import { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';

import express, { type Express, type Request, type Response } from 'express';

import { aPrincipal } from '../../../test/support/principal.js';
import { listen } from '../../values/listen.js';
import { injectInto, type InjectedResponse } from './inject.js';

type Handle = (request: Request, response: Response) => unknown;

const applicationOf = (handle: Handle): Express =>
  express()
    .use(express.json())
    .use((request, response) => void handle(request, response));

const BODY = JSON.stringify({ name: 'Ada' });
const HEADERS = { 'content-type': 'application/json', 'x-tenant': 'acme' };

/** Makes a request within the process. */
async function inject(
  handle: Handle,
  { signal = new AbortController().signal, limit = 10_000_000, method = 'POST' } = {},
): Promise<InjectedResponse> {
  const caller = { headers: {}, secure: true, socket: { remoteAddress: '10.1.2.3' }, host: 'example.com' };
  return injectInto(applicationOf(handle), {
    request: { method, url: '/path?a=1', params: {}, headers: HEADERS, body: BODY },
    injection: {
      principal: aPrincipal(),
      endpoint: 'default',
      controller: Object,
      handler: undefined,
      params: {},
      isReached: false,
    },
    caller: caller as unknown as Request,
    forwardAuthorization: false,
    user: undefined,
    signal,
    limit,
  });
}

const textOf = async (response: Promise<InjectedResponse>): Promise<string> =>
  (await response).body.toString();

/** Makes the same request over a socket. */
async function fetched(handle: Handle): Promise<{ status: number; headers: Headers; text: string }> {
  const server = createServer(applicationOf(handle));
  const url = `http://127.0.0.1:${await listen(server)}/path?a=1`;
  try {
    const response = await fetch(url, { method: 'POST', headers: HEADERS, body: BODY });
    return { status: response.status, headers: response.headers, text: await response.text() };
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const ANSWERS: Readonly<Record<string, Handle>> = {
  JSON: ({ body, query, method, url }, response) => response.status(201).json({ body, query, method, url }),
  'a long text': (_request, response) => response.send('ü'.repeat(100_000)),
  bytes: (_request, response) => response.type('png').send(Buffer.from([1, 2, 3])),
  nothing: (_request, response) => response.status(204).end(),
  'a text in the head of writeHead()': (_request, response) =>
    response.writeHead(202, { 'x-one': 'a', 'content-type': 'text/plain' }).end('text'),
  'many parts': async (_request, response) => {
    response.write('first, ');
    await setTimeout(1);
    response.write(Buffer.from('second, '));
    response.end('third');
  },
  'parts that the application declares as chunks': (_request, response) => {
    response.set('transfer-encoding', 'chunked');
    response.write('a\r\n0\r\n');
    response.write('ü'.repeat(20));
    response.end('the end');
  },
  trailers: (_request, response) => {
    response.set('trailer', 'x-sum').write('ü');
    response.addTrailers({ 'x-sum': '1' });
    response.end('the end');
  },
  'trailers of one part': (_request, response) =>
    response.writeHead(200, { trailer: 'x-sum', 'content-type': 'text/plain' }).end('text'),
  'parts without chunks': (_request, response) => {
    response.useChunkedEncodingByDefault = false;
    response.write('first, ');
    response.end('second');
  },
  'a stream': (_request, response) => Readable.from(['a', 'b', 'c'.repeat(100_000)]).pipe(response),
  'a stream that is larger than any buffer': (_request, response) =>
    Readable.from(Array.from({ length: 20 }, () => Buffer.alloc(100_000, 'x'))).pipe(response),
  'parts of which each waits until the previous ones are sent': async (_request, response) => {
    for (const part of ['a', 'b', 'c']) {
      if (!response.write(part.repeat(200_000))) await once(response, 'drain');
    }
    response.end();
  },
  'a hint before the response': (_request, response) => {
    response.writeEarlyHints({ link: '</style.css>; rel=preload' });
    response.send('after it');
  },
  'replaced methods': (_request, response) => {
    const end = response.end.bind(response);
    response.end = (text: unknown) => end(`replaced: ${String(text)}`);
    response.end('text');
  },
  'replaced prototypes': (_request, response) => {
    Object.setPrototypeOf(response, express().response);
    response.send('text');
  },
};

describe('a request within the process', () => {
  it.each(Object.entries(ANSWERS))('gets %s as over a socket', async (_what, handle) => {
    const [injected, { status, headers, text }] = [await inject(handle), await fetched(handle)];
    expect([injected.status, injected.body.toString()]).toEqual([status, text]);
    const { 'content-type': type, 'x-one': one } = injected.headers;
    expect([type ?? null, one ?? null]).toEqual([headers.get('content-type'), headers.get('x-one')]);
  });

  it('emits the same events as over a socket', async () => {
    const seen: string[][] = [];
    const handle: Handle = (request, response) => {
      const events: string[] = [];
      seen.push(events);
      request.on('close', () => events.push('request closed'));
      response.on('finish', () => events.push(`finished: ${response.writableFinished}`));
      response.on('close', () => events.push(`closed: ${response.closed}`));
      response.send('text');
    };
    await inject(handle);
    await fetched(handle);
    await setTimeout(20);
    expect(seen[0]).toEqual(expect.arrayContaining(['finished: true', 'closed: true']));
    expect(seen[0]?.toSorted()).toEqual(seen[1]?.toSorted());
  });

  it('has a connection with the client’s address and the methods of a socket', async () => {
    const text = await textOf(
      inject(({ socket, secure, ip, complete }, response) => {
        socket.setKeepAlive().setNoDelay().setTimeout(5).setTimeout(0);
        response.json([socket instanceof Socket, secure, ip, complete]);
      }),
    );
    expect(JSON.parse(text)).toEqual([true, true, '10.1.2.3', true]);
  });

  it('gets no body for HEAD', async () => {
    const options = { method: 'HEAD' };
    expect(await textOf(inject((_request, response) => response.end('text'), options))).toBe('');
    expect(
      await textOf(inject((_request, response) => Readable.from(['text']).pipe(response), options)),
    ).toBe('');
  });

  it('fails if the handler destroys the response', async () => {
    await expect(inject((_request, response) => response.destroy())).rejects.toThrow('destroyed');
    await expect(inject(({ socket }) => socket.destroy(new Error('reset')))).rejects.toThrow('destroyed');
  });

  it('disconnects at the timeout of the response, unless the handler listens or switches it off', async () => {
    await expect(inject((_request, response) => response.setTimeout(1))).rejects.toThrow('destroyed');
    const heard = inject((_request, response) => response.setTimeout(1, () => response.send('in time')));
    expect(await textOf(heard)).toBe('in time');
    const off = inject(async (_request, response) => {
      response.setTimeout(1).setTimeout(0);
      await setTimeout(10);
      response.send('late');
    });
    expect(await textOf(off)).toBe('late');
  });

  it('rejects a response that is larger than the limit, and disconnects', async () => {
    let isClosed = false;
    const endless: Handle = (_request, response) => {
      response.on('close', () => (isClosed = true));
      Readable.from(
        (function* () {
          for (;;) yield 'x'.repeat(1_000);
        })(),
      ).pipe(response);
    };
    await expect(inject(endless, { limit: 10_000 })).rejects.toThrow('too large');
    expect(isClosed).toBe(true);
    const exact = inject((_request, response) => response.send('x'.repeat(10_000)), { limit: 10_000 });
    expect((await exact).body).toHaveLength(10_000);
  });

  it('drops what is written after an abort, and settles when the handler has answered', async () => {
    const controller = new AbortController();
    const events: string[] = [];
    const response = inject(
      async (_request, outgoing) => {
        await once(outgoing, 'close');
        events.push(`${outgoing.destroyed} ${outgoing.write('x')}`);
        await setTimeout(5);
        events.push('answered');
        outgoing.end();
      },
      { signal: controller.signal },
    ).catch((error: unknown) => events.push(String(error)));
    await setTimeout(1);
    controller.abort(new Error('gone'));
    await response;
    expect(events).toEqual(['true false', 'answered', 'Error: gone']);
  });

  it('settles at once at an abort when the response has begun', async () => {
    const controller = new AbortController();
    const response = inject((_request, outgoing) => outgoing.write('x'), { signal: controller.signal });
    await setTimeout(1);
    controller.abort(new Error('gone'));
    await expect(response).rejects.toThrow('gone');
  });
});
