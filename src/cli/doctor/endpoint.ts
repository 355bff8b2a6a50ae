import type { Answer } from './probe.js';
import { attempt, probe } from './probe.js';

const HEADERS = {
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
} as const;

/** First request of a client; servers of every revision answer it. */
const INITIALIZE = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'aerie-doctor', version: '1' },
  },
});

/** Sends the first request of a client. */
export const initialize = (url: URL, headers: Record<string, string> = {}): Promise<Answer> =>
  probe(url, { method: 'POST', headers: { ...HEADERS, ...headers }, body: INITIALIZE });

/** Sends the first request of a client. Returns undefined if there is no response. */
export const tryInitialize = (url: URL, headers: Record<string, string> = {}): Promise<Answer | undefined> =>
  attempt(url, { method: 'POST', headers: { ...HEADERS, ...headers }, body: INITIALIZE });

export const isRedirect = ({ status }: Answer): boolean => status >= 300 && status < 400 && status !== 304;

/** Target of a redirect, for messages. */
export const locationOf = ({ headers }: Answer): string => headers.get('location') ?? 'no address';
