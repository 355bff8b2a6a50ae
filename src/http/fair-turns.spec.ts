import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { connect, type Socket } from 'node:net';

import { until } from '../../test/support/until.js';
import { Turns } from '../limits/turns.js';
import { listen } from '../values/listen.js';
import { FairTurns } from './fair-turns.js';

const request = (path: string): string => `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}`;
const many = (count: number, name: string): string =>
  Array.from({ length: count }, (_none, index) => request(`/${name}${index}`)).join('');

describe('pipelined requests', () => {
  let server: Server;
  let port: number;
  let arrived: number;
  let begun: number;
  const waiting = (): number => arrived - begun;
  const sockets: Socket[] = [];
  const start = async (listener: RequestListener, isBusy = false): Promise<void> => {
    [arrived, begun] = [0, 0];
    const loop = new Turns();
    const turns = new FairTurns(
      (incoming, response) => {
        begun++;
        listener(incoming, response);
      },
      undefined,
      loop,
    );
    server = createServer((incoming, response) => {
      arrived++;
      if (isBusy) loop.end();
      turns.serve(incoming, response);
    });
    port = await listen(server);
  };
  const open = (): Socket => {
    const socket = connect(port, '127.0.0.1');
    sockets.push(socket);
    return socket;
  };
  /** Returns the bodies of this number of responses. */
  const answers = async (socket: Socket, count: number): Promise<string[]> => {
    let text = '';
    for await (const chunk of socket) {
      text += String(chunk);
      const bodies = [...text.matchAll(/\r\n\r\n(\/[a-z]\d+)/g)].map(([, body = '']) => body);
      if (bodies.length >= count) return bodies;
    }
    return [];
  };
  const answer = (response: ServerResponse, text = ''): void => void response.end(text);
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
    server.close();
    server.closeAllConnections(); // a connection that is not read does not notice that it was lost
  });

  it('are served one at a time and in order, with their bodies', async () => {
    let running = 0;
    let most = 0;
    await start((incoming, response) => {
      most = Math.max(most, ++running);
      incoming.resume().once('end', () => {
        setImmediate(() => {
          running--;
          answer(response, incoming.url);
        });
      });
    });
    const socket = open();
    socket.write(many(500, 'r'));
    expect(await answers(socket, 500)).toEqual(Array.from({ length: 500 }, (_none, index) => `/r${index}`));
    expect(most).toBe(1);
  });

  it('take turns with requests of other connections', async () => {
    const order: string[] = [];
    const held: ServerResponse[] = [];
    await start((incoming, response) => {
      order.push(incoming.url ?? '');
      if (order.length <= 2) held.push(response);
      else answer(response, incoming.url);
    });
    const [greedy, other] = [open(), open()];
    greedy.write(many(400, 'g'));
    other.write(many(5, 'o'));
    await until(() => waiting() === 403);
    for (const response of held) answer(response, '/x0');
    await Promise.all([answers(greedy, 400), answers(other, 5)]);
    expect(order.indexOf('/o4')).toBeLessThan(15);
  });

  it('are not read beyond the first data while one is served', async () => {
    const held: ServerResponse[] = [];
    await start((_incoming, response) => held.push(response));
    const socket = open();
    socket.write(many(20_000, 'r'));
    await until(() => waiting() > 0);
    for (let look = 0; look < 50; look++) await new Promise(setImmediate);
    expect(waiting()).toBeLessThan(3_000);
    expect(held.length).toBe(1);
  });

  it.each([
    ['at once', false],
    ['after a wait for its turn', true],
  ])('do not hide a disconnect while only a few wait, if the first begins %s', async (_begins, isBusy) => {
    let isClosed = false;
    await start((_incoming, response) => {
      response.once('close', () => (isClosed = true)).flushHeaders(); // a stream that continues
    }, isBusy);
    const socket = open();
    socket.write(many(5, 'r'));
    await until(() => waiting() === 4);
    socket.destroy();
    await until(() => isClosed);
    expect(begun).toBe(1);
  });

  it('are not begun after a response that closes the connection', async () => {
    await start((incoming, response) => {
      if (incoming.url === '/r1') response.setHeader('Connection', 'close');
      answer(response, incoming.url);
    }, true);
    const socket = open();
    socket.write(many(4, 'r'));
    expect(await answers(socket, 2)).toEqual(['/r0', '/r1']);
    await until(() => socket.destroyed);
    for (let look = 0; look < 50; look++) await new Promise(setImmediate);
    expect([begun, waiting()]).toEqual([2, 2]);
  });

  it('are dropped when their connection is lost', async () => {
    const held: ServerResponse[] = [];
    await start((_incoming, response) => held.push(response));
    let isClosed = false;
    server.once('connection', (connection: Socket) => connection.once('close', () => (isClosed = true)));
    const socket = open();
    socket.write(many(10, 'r'));
    await until(() => waiting() === 9);
    socket.resetAndDestroy();
    // The connection is not read, so only a write shows that it is lost.
    const writing = setInterval(() => held[0]?.write('x'), 1);
    await until(() => isClosed);
    clearInterval(writing);
    expect(held.length).toBe(1);
  });

  it('are dropped without stack traces, which would take longer than serving the requests', async () => {
    await start((incoming, response) => incoming.url !== '/' && answer(response, incoming.url));
    const requests: IncomingMessage[] = [];
    const limits: number[] = [];
    server.prependListener('request', (incoming) => requests.push(incoming));
    server.prependListener('connection', (socket) =>
      socket.once('close', () => limits.push(Error.stackTraceLimit)),
    );
    // All of these fit into the first data. The connection is closed because too many wait.
    open().write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(2_200));
    await until(() => requests.length === 2_200 && limits.length > 0);
    expect(requests.slice(1).filter(({ destroyed }) => destroyed)).toEqual([]);
    expect(limits).toEqual([0]);
    expect(Error.stackTraceLimit).toBeGreaterThan(0);
    // They no longer count as waiting, or this connection would be closed too.
    const other = open();
    other.write(many(3, 'o'));
    expect(await answers(other, 3)).toEqual(['/o0', '/o1', '/o2']);
  });
});

describe('requests of several senders', () => {
  let server: Server;
  const sockets: Socket[] = [];
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
    server.close();
    server.closeAllConnections(); // a connection that is not read does not notice that it was lost
  });

  it('begin in turns of the senders, independent of the number of their connections', async () => {
    const order: string[] = [];
    const turns = new FairTurns(
      (incoming, response) => {
        order.push(String(incoming.headers['x-sender']));
        for (const end = performance.now() + 5; performance.now() < end;); // longer than a turn
        response.end();
      },
      ({ headers }) => ({ group: String(headers['x-sender']), member: '' }),
    );
    server = createServer((incoming, response) => turns.serve(incoming, response));
    let accepted = 0;
    server.on('connection', () => accepted++);
    const port = await listen(server);
    const open = (): Socket => {
      const socket = connect(port, '127.0.0.1');
      sockets.push(socket);
      return socket;
    };
    const ask = (socket: Socket, sender: string): void =>
      void socket.write(`GET / HTTP/1.1\r\nHost: x\r\nX-Sender: ${sender}\r\n\r\n`);
    const [greedy, modest] = [Array.from({ length: 50 }, open), open()];
    await until(() => accepted === 51);
    for (const socket of greedy) ask(socket, 'greedy');
    await until(() => order.length > 0);
    ask(modest, 'modest');
    await until(() => order.length === 51);
    expect(order.indexOf('modest')).toBeLessThan(40);
  });
});
