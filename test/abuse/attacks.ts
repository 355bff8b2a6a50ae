import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { message, MODERN, MODERN_ENVELOPE, toolCall } from '../support/rpc.js';

/** The server under attack, as one caller sees it. */
export interface Target {
  readonly url: string;
  /** Undefined for who has none. */
  readonly token: string | undefined;
  /** Further tokens of the same caller. */
  readonly others: readonly string[];
  /** Number of callers that attack together. */
  readonly callers: number;
  readonly signal: AbortSignal;
}

const MB = 1024 ** 2;

/** What one caller does for as long as it may. */
export const ATTACKS: Readonly<Record<string, (target: Target) => Promise<void>>> = {
  'half-sent bodies': async (target) => {
    const head = headOf(target, { 'content-length': String(MB) });
    await hold(target, 600 / target.callers, `${head}{"a":"${'x'.repeat(500_000)}`);
  },
  'refused large bodies': (target) =>
    flood(target, 8, message(toolCall('forbidden', { text: 'x'.repeat(700_000) }))),
  'bodies of tiny values': (target) =>
    flood(target, 20, `{"jsonrpc":"2.0","id":1,"method":"x","params":{"a":[${'{},'.repeat(330_000)}{}]}}`),
  'deep nesting': (target) => flood(target, 8, '['.repeat(5_000) + ']'.repeat(5_000)),
  'empty batches': (target) => flood(target, 20, []),
  cancellations: (target) =>
    flood(target, 20, { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } }),
  'large batches': (target) =>
    flood(
      target,
      8,
      Array.from({ length: 100 }, (_none, id) => message(toolCall('echo', { text: 'x' }, id))),
    ),
  'handlers that do not end': (target) => flood(target, 50, message(toolCall('stuck'))),
  'listeners to long names': async (target) => {
    const uris = Array.from({ length: 125 }, (_none, index) => `page://${index}${'x'.repeat(8_000)}`);
    const params = { notifications: { resourceSubscriptions: uris }, _meta: MODERN_ENVELOPE };
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'subscriptions/listen', params });
    const modern = { 'mcp-protocol-version': MODERN, 'mcp-method': 'subscriptions/listen' };
    await hold(target, 50, headOf(target, { ...modern, 'content-length': String(body.length) }) + body);
  },
  'unread answers': (target) => {
    const body = JSON.stringify(message(toolCall('large')));
    return hold(target, 100, headOf(target, { 'content-length': String(body.length) }) + body, false);
  },
  'tokens with many scopes': async (target) => {
    for (let turn = 0; !target.signal.aborted; turn++) {
      const token = target.others[turn % target.others.length];
      await answered({ ...target, token }, message({ method: 'ping' }));
    }
  },
  'sessions and their cancellations': async (target) => {
    const params = {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'x', version: '1' },
    };
    await flood(target, 8, message({ method: 'initialize', params }));
  },
  'pipelining without a token': async (target) => {
    const one = headOf({ ...target, token: undefined }, { 'content-length': '2' }) + '{}';
    const sockets = Array.from({ length: 50 }, () => open(target));
    for (const socket of sockets) {
      const pump = (): void => {
        while (!target.signal.aborted && socket.writable && socket.write(one.repeat(200)));
      };
      socket.on('drain', pump).on('connect', pump);
    }
    await ended(target);
    for (const socket of sockets) socket.destroy();
  },
};

function open({ url }: Target): Socket {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  return socket.on('error', () => {}).resume();
}

function headOf({ url, token }: Target, headers: Record<string, string>): string {
  const { host, pathname } = new URL(url);
  const lines = Object.entries({
    host,
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}`);
  return [`POST ${pathname} HTTP/1.1`, ...lines, '', ''].join('\r\n');
}

async function ended({ signal }: Target): Promise<void> {
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
}

/** Keeps connections open on which something was sent; opens each that is closed again. */
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

/** Sends the same message again and again, so many at a time. */
async function flood(target: Target, concurrency: number, body: unknown): Promise<void> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const work = async (): Promise<void> => {
    while (!target.signal.aborted) await answered(target, text);
  };
  await Promise.all(Array.from({ length: concurrency }, work));
}

async function answered(target: Target, body: unknown): Promise<void> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  try {
    const response = await fetch(target.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        authorization: `Bearer ${target.token}`,
      },
      body: text,
      signal: AbortSignal.any([target.signal, AbortSignal.timeout(1_000)]),
    });
    await response.text();
  } catch {
    await sleep(1); // cut off, which an attacker has to live with
  }
}
