import { once } from 'node:events';

import type { Request as HttpRequest, Response as HttpResponse } from 'express';

import { withoutLoneSurrogates } from '../json-text.js';

/** The request headers that the protocol knows. The token, above all, goes no further than the guard. */
const PROTOCOL_HEADERS = new Set(['content-type', 'mcp-protocol-version', 'mcp-method', 'mcp-name']);
const ACCEPTED = 'application/json, text/event-stream';

/**
 * The request as the SDK wants it, without its body, which is parsed already.
 *
 * @param url the endpoint's public URL, from configuration: the Host header names nothing here
 * @param signal fires when the exchange is to be cancelled
 */
export function toWebRequest(request: HttpRequest, url: string, signal?: AbortSignal): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    if (typeof value === 'string' && PROTOCOL_HEADERS.has(name)) {
      headers.set(name, value);
    }
  }
  const accept = request.headers.accept;
  headers.set('accept', accept === undefined || accept.includes('*/*') ? ACCEPTED : accept);
  return new Request(url, { method: 'POST', headers, signal });
}

/**
 * Writes the SDK's answer. A stream is read to its end although the client may have gone, because in the 2025
 * era a lost connection does not cancel anything.
 *
 * @param timeout how long a client may leave the answer unread before it is cut off, milliseconds
 */
export async function writeWebResponse(
  answer: Response,
  response: HttpResponse,
  timeout: number,
): Promise<void> {
  writeHead(answer, response);
  if (!answer.body || !isEventStream(answer)) {
    const text = await answer.text();
    response.setTimeout(timeout, () => response.destroy());
    response.end(withoutLoneSurrogates(text));
    return;
  }
  response.setHeader('X-Accel-Buffering', 'no');
  response.flushHeaders();
  for await (const chunk of answer.body) {
    // The SDK writes each event in one chunk.
    if (!response.write(withoutLoneSurrogates(Buffer.from(chunk).toString())) && !response.destroyed) {
      await Promise.race([once(response, 'drain'), once(response, 'close')]);
    }
  }
  response.end();
}

/** The status and the headers of the SDK's answer. */
export function writeHead(answer: Response, response: HttpResponse): void {
  response.status(answer.status);
  for (const [name, value] of answer.headers) response.setHeader(name, value);
  response.setHeader('Cache-Control', 'no-store');
}

export const isEventStream = ({ headers }: Response): boolean =>
  headers.get('content-type')?.startsWith('text/event-stream') ?? false;
