import type { Request as HttpRequest, Response as HttpResponse } from 'express';

import { withoutLoneSurrogates } from '../json-text.js';
import type { AnswerStream } from './answer-stream.js';
import { messageText } from './message-text.js';

/** The request headers that the protocol knows. The token, above all, goes no further than the guard. */
const PROTOCOL_HEADERS = new Set(['content-type', 'mcp-protocol-version', 'mcp-method', 'mcp-name']);

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
  // In which form the client gets the answer is decided when the answer is written.
  headers.set('accept', 'application/json, text/event-stream');
  return new Request(url, { method: 'POST', headers, signal });
}

/**
 * Writes the SDK's answer in a form that the client accepts.
 *
 * @param timeout maximum time for which a client may leave the answer unread, milliseconds
 * @param stream the client's event stream, open if the answer has been awaited for long
 */
export async function writeWebResponse(
  answer: Response,
  response: HttpResponse,
  timeout: number,
  stream?: AnswerStream,
): Promise<void> {
  if (answer.body && isEventStream(answer)) {
    const events = stream?.open();
    let last: object | undefined;
    for await (const message of messagesIn(answer.body)) {
      if (events) events.write(message);
      else last = message;
    }
    if (events) events.end();
    else writeJson(last ? messageText(last) : '', response, timeout);
    return;
  }
  const text = await answer.text();
  stream?.stop();
  const opened = answer.ok || response.headersSent ? stream?.current : undefined;
  if (opened && text !== '') {
    const message: object = JSON.parse(text);
    opened.write(message);
    opened.end();
    return;
  }
  writeHead(answer, response);
  writeJson(text, response, timeout);
}

/** The messages of an event stream of the SDK, which writes each event in one chunk. */
async function* messagesIn(body: ReadableStream<Uint8Array>): AsyncGenerator<object> {
  for await (const chunk of body) {
    const data = /^data: (.*)$/m.exec(Buffer.from(chunk).toString())?.[1];
    if (data === undefined) continue; // a comment
    const message: object = JSON.parse(data);
    yield message;
  }
}

function writeJson(text: string, response: HttpResponse, timeout: number): void {
  response.setTimeout(timeout, () => response.destroy());
  if (!response.hasHeader('Content-Type')) response.setHeader('Content-Type', 'application/json');
  response.setHeader('Cache-Control', 'no-store').end(withoutLoneSurrogates(text));
}

/** The status and the headers of the SDK's answer. */
export function writeHead(answer: Response, response: HttpResponse): void {
  response.status(answer.status);
  for (const [name, value] of answer.headers) response.setHeader(name, value);
  response.setHeader('Cache-Control', 'no-store');
}

export const isEventStream = ({ headers }: Response): boolean =>
  headers.get('content-type')?.startsWith('text/event-stream') ?? false;
