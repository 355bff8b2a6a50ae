import type { JSONRPCErrorResponse } from '@modelcontextprotocol/server';
import type { Request as HttpRequest } from 'express';

import type { Answer } from './answer.js';
import { reasonOfError } from '../wire/error-reason.js';
import { JsonRpcError } from '../wire/json-rpc-error.js';

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
 * Passes the response of the SDK on to the client.
 *
 * @throws {JsonRpcError} when the response is an error with its own HTTP status
 */
export async function relay(from: Response, answer: Answer): Promise<void> {
  const events = eventsOf(from);
  if (events) {
    let isAnswered = false;
    for await (const message of events) {
      isAnswered ||= !('method' in message);
      if ('method' in message) answer.notify(message);
      else answer.end(message);
    }
    if (!isAnswered) answer.endEmpty(from.status);
    return;
  }
  const text = await from.text();
  if (text === '') answer.endEmpty(from.status);
  else if (from.ok || answer.hasBegun) answer.end(parsed(text));
  else throw errorIn(text, from.status);
}

/** Returns the messages of an event stream of the SDK; undefined if the response is no event stream. */
export function eventsOf({ body, headers }: Response): AsyncIterable<object> | undefined {
  return body && headers.get('content-type')?.startsWith('text/event-stream') ? messagesIn(body) : undefined;
}

/** Returns the error of a failed response of the SDK. */
export function errorIn(text: string, status: number): JsonRpcError {
  const { error, id }: JSONRPCErrorResponse = JSON.parse(text);
  const { code, message, data } = error;
  return new JsonRpcError(reasonOfError(code, status), status, code, message, {}, { data, id: id ?? null });
}

/** Parses the messages of an event stream of the SDK, which writes each event in one chunk. */
async function* messagesIn(body: ReadableStream<Uint8Array>): AsyncGenerator<object> {
  for await (const chunk of body) {
    const data = /^data: ([^\n]*)/m.exec(Buffer.from(chunk).toString())?.[1];
    if (data !== undefined) yield parsed(data); // no data in a comment
  }
}

function parsed(text: string): object {
  const message: object = JSON.parse(text);
  return message;
}
