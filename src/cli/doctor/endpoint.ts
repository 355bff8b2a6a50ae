import type { Answer } from './probe.js';

/** Latest revision that begins with `initialize`. */
export const REVISION = '2025-11-25';

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
    protocolVersion: REVISION,
    capabilities: {},
    clientInfo: { name: 'aerie-doctor', version: '1' },
  },
});

/** Creates the first request of a client. */
export const initialization = (headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  headers: { ...HEADERS, ...headers },
  body: INITIALIZE,
});

export const isRedirect = ({ status }: Answer): boolean => status >= 300 && status < 400 && status !== 304;

/** Target of a redirect, for messages. */
export const locationOf = ({ headers }: Answer): string => headers.get('location') ?? 'no address';
