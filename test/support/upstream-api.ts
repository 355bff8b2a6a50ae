import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';

import { listen } from '../../src/values/listen.js';

/** Request that an API received. */
export interface Received {
  readonly method: string;
  /** Path and query as they were sent. */
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export type Answer = (request: Received, response: ServerResponse) => void;

/** API that keeps its requests. By default, it answers with the request. */
export interface UpstreamApi {
  readonly url: string;
  readonly received: Received[];
  /** Decides how the next requests are answered. */
  answer: Answer;
  close(): Promise<void>;
}

/** Sends JSON. */
export function sendJson(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

export const echo: Answer = (request, response) => sendJson(response, request);

export async function startUpstream(host = '127.0.0.1'): Promise<UpstreamApi> {
  const server = createServer((incoming, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of incoming) chunks.push(chunk as Buffer);
      const { method = '', url = '', headers } = incoming;
      const request = { method, url, headers, body: Buffer.concat(chunks).toString() };
      api.received.push(request);
      api.answer(request, response);
    })();
  });
  const port = await listen(server, host);
  const api: UpstreamApi = {
    url: `http://${host}:${port}`,
    received: [],
    answer: echo,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return api;
}
