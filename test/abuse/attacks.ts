import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { message, MODERN, MODERN_ENVELOPE, toolCall } from '../support/rpc.js';
import { headOf, Requests } from './requests.js';

/** Server under attack, with the tokens of a caller. */
export interface Target {
  readonly url: string;
  readonly token: string;
  /** Further tokens of the same caller, for attacks with `manyTokens`. */
  readonly others: readonly string[];
  /** Number of callers that attack together. */
  readonly callers: number;
  readonly signal: AbortSignal;
}

export interface Attack {
  /** Runs until the signal of the target. */
  readonly run: (target: Target) => Promise<void>;
  readonly manyTokens?: boolean;
}

const MB = 1024 ** 2;

/** Attacks by their name in the table. */
export const ATTACKS: Readonly<Record<string, Attack>> = {
  'half-sent bodies': {
    run: (target) => {
      const head = headOf(target.url, target.token, { 'content-length': String(MB) });
      return hold(target, 600 / target.callers, `${head}{"a":"${'x'.repeat(500_000)}`);
    },
  },
  'refused large bodies': {
    run: (target) => flood(target, 8, [message(toolCall('forbidden', { text: 'x'.repeat(700_000) }))]),
  },
  'bodies of tiny values': {
    run: (target) =>
      flood(target, 20, [
        `{"jsonrpc":"2.0","id":1,"method":"x","params":{"a":[${'{},'.repeat(330_000)}{}]}}`,
      ]),
  },
  'small refused requests': {
    run: (target) =>
      flood(target, 20, [
        '['.repeat(5_000) + ']'.repeat(5_000),
        [],
        { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } },
      ]),
  },
  'large batches': {
    run: (target) => {
      const call = (_none: unknown, id: number): object => message(toolCall('echo', { text: 'x' }, id));
      return flood(target, 8, [Array.from({ length: 100 }, call)]);
    },
  },
  'handlers that do not end': { run: (target) => flood(target, 50, [message(toolCall('stuck'))]) },
  'listeners to long names': {
    run: (target) => {
      const uris = Array.from({ length: 125 }, (_none, index) => `page://${index}${'x'.repeat(8_000)}`);
      const params = { notifications: { resourceSubscriptions: uris }, _meta: MODERN_ENVELOPE };
      const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'subscriptions/listen', params });
      const modern = { 'mcp-protocol-version': MODERN, 'mcp-method': 'subscriptions/listen' };
      const head = headOf(target.url, target.token, { ...modern, 'content-length': String(body.length) });
      return hold(target, 50, head + body);
    },
  },
  'unread answers': {
    run: (target) => {
      const body = JSON.stringify(message(toolCall('large')));
      const head = headOf(target.url, target.token, { 'content-length': String(body.length) });
      return hold(target, 100, head + body, false);
    },
  },
  'unseen tokens with many scopes': {
    manyTokens: true,
    run: async (target) => {
      const requests = new Requests(target.url, 8);
      let turn = 0;
      const work = async (): Promise<void> => {
        while (!target.signal.aborted) {
          const token = target.others[turn++ % target.others.length] ?? target.token;
          await requests.send(token, JSON.stringify(message({ method: 'ping' })), target.signal);
        }
      };
      await Promise.all(Array.from({ length: 8 }, work));
    },
  },
  'sessions that are opened': {
    run: (target) => {
      const clientInfo = { name: 'x', version: '1' };
      const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo };
      return flood(target, 8, [message({ method: 'initialize', params })]);
    },
  },
  'pipelining without a token': {
    run: async (target) => {
      const one = `${headOf(target.url, undefined, { 'content-length': '2' })}{}`;
      const sockets = Array.from({ length: 50 / target.callers }, () => open(target));
      for (const socket of sockets) {
        const pump = (): void => {
          while (!target.signal.aborted && socket.writable && socket.write(one.repeat(200)));
        };
        socket.on('drain', pump).on('connect', pump);
      }
      await ended(target);
      for (const socket of sockets) socket.destroy();
    },
  },
  'connections without a request': {
    // The end of the headers never comes.
    run: (target) => hold(target, 3_000 / target.callers, headOf(target.url, target.token, {}).slice(0, -2)),
  },
};

function open({ url }: Target): Socket {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  return socket.on('error', () => {}).resume();
}

async function ended({ signal }: Target): Promise<void> {
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
}

/** Keeps connections open after sending a text, and reopens those that the server closes. */
async function hold(target: Target, count: number, text: string, isRead = true): Promise<void> {
  const sockets = new Set<Socket>();
  while (!target.signal.aborted) {
    while (sockets.size < count) {
      const socket = open(target);
      if (!isRead) socket.pause();
      sockets.add(socket.once('close', () => sockets.delete(socket)));
      socket.write(text);
    }
    await sleep(100);
  }
  for (const socket of sockets) socket.destroy();
}

/** Sends the same bodies repeatedly with a fixed concurrency. */
async function flood(target: Target, concurrency: number, bodies: readonly unknown[]): Promise<void> {
  const texts = bodies.map((body) => (typeof body === 'string' ? body : JSON.stringify(body)));
  const requests = new Requests(target.url, concurrency);
  const work = async (_none: unknown, start: number): Promise<void> => {
    for (let turn = start; !target.signal.aborted; turn++) {
      await requests.send(target.token, texts[turn % texts.length] ?? '', target.signal);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
}
