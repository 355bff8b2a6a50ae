import type { JSONRPCErrorResponse } from '@modelcontextprotocol/server';
import type { Request as HttpRequest, Response as HttpResponse } from 'express';

import { withoutLoneSurrogates } from '../../values/json-text.js';
import type { AnswerStream } from './answer-stream.js';
import { reasonOfError } from '../wire/error-reason.js';
import { JsonRpcError } from '../wire/json-rpc-error.js';
import { messageText } from '../wire/message-text.js';

/** Request headers of the protocol. Others are dropped, above all the token, which never leaves the guard. */
const PROTOCOL_HEADERS = new Set(['content-type', 'mcp-protocol-version', 'mcp-method', 'mcp-name']);

/**
 * Converts a request for the SDK, without its body, which is already parsed.
 *
 * @param url public URL of the endpoint from the configuration; the Host header is not used
 * @param signal cancels the exchange
 */
export function toWebRequest(request: HttpRequest, url: string, signal?: AbortSignal): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    if (typeof value === 'string' && PROTOCOL_HEADERS.has(name)) {
      headers.set(name, value);
    }
  }
  // The format of the response is chosen later, when it is written.
  headers.set('accept', 'application/json, text/event-stream');
  return new Request(url, { method: 'POST', headers, signal });
}

/**
 * Writes the response of the SDK in a format that the client accepts.
 *
 * @param timeout maximum time for which a client may leave the response unread, milliseconds
 * @param stream event stream of the client, already open if the response took long
 * @throws {JsonRpcError} when the response is an error with its own HTTP status
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
  if (!answer.ok && text !== '') throw errorIn(text, answer.status);
  writeHead(answer, response);
  writeJson(text, response, timeout);
}

/** Returns the error of a failed response. */
function errorIn(text: string, status: number): JsonRpcError {
  const { error, id }: JSONRPCErrorResponse = JSON.parse(text);
  const { code, message, data } = error;
  return new JsonRpcError(reasonOfError(code, status), status, code, message, {}, { data, id: id ?? null });
}

/** Parses the messages of an event stream of the SDK, which writes each event in one chunk. */
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

/** Copies the status and the headers of the SDK's response. */
export function writeHead(answer: Response, response: HttpResponse): void {
  response.status(answer.status);
  for (const [name, value] of answer.headers) response.setHeader(name, value);
  response.setHeader('Cache-Control', 'no-store');
}

export const isEventStream = ({ headers }: Response): boolean =>
  headers.get('content-type')?.startsWith('text/event-stream') ?? false;
