import { type IncomingMessage, maxHeaderSize, type ServerResponse } from 'node:http';

import type { Express, Request } from 'express';

import { type InjectedRequest, type Injection, setInjection } from '../../auth/injected-request.js';
import { clientAddress } from '../../logging/client-address.js';
import { type IdentifiedRequest, requestIdOf, shareRequestId } from '../../logging/request-id.js';
import { Refusal } from '../failures/refusal.js';
import { InjectedSocket } from './injected-socket.js';
import type { ToolRequest } from './tool-request.js';

/** Response to an injected request. */
export interface InjectedResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, number | string | string[] | undefined>>;
  readonly body: Buffer;
}

/** Request to inject, and whose it is. */
export interface Injected {
  readonly request: ToolRequest;
  readonly injection: Injection;
  /** Request of the tool call. */
  readonly caller: Request & IdentifiedRequest;
  readonly forwardAuthorization: boolean;
  /** Value of `request.user` before the application's own guards run. */
  readonly user: unknown;
  readonly signal: AbortSignal;
  /** Maximum size of the response body in bytes. */
  readonly limit: number;
}

/**
 * Makes a request to an Express application within this process.
 *
 * When the signal aborts, the request looks like that of a client that disconnected. The promise settles only when the
 * handler has answered, so that a handler that ignores the abort still counts as running.
 *
 * @throws {Refusal} when the response is larger than the limit, or path, query and headers are longer than over HTTP
 */
export async function injectInto(application: Express, injected: Injected): Promise<InjectedResponse> {
  const { request, injection, caller, user, signal, limit } = injected;
  signal.throwIfAborted();
  const headers = headersOf(request, caller, injected.forwardAuthorization);
  requireHeaderSize(request.url, headers);
  const address = clientAddress(caller) ?? '127.0.0.1';
  const { method, url } = request;
  const socket = new InjectedSocket({ address, isSecure: caller.secure, limit, method, url });
  const incoming: IncomingMessage & InjectedRequest & IdentifiedRequest = socket.request;
  incoming.headers = headers;
  incoming.rawHeaders = Object.entries(headers).flat();
  setInjection(incoming, injection);
  shareRequestId(caller, incoming);
  if (user !== undefined) Object.assign(incoming, { user });
  socket.receive(request.body);
  return exchanged(socket, signal, limit, () => application(incoming, socket.response));
}

/** Waits for the response; see {@link injectInto}. */
function exchanged(
  socket: InjectedSocket,
  signal: AbortSignal,
  limit: number,
  send: () => void,
): Promise<InjectedResponse> {
  const { request, response } = socket;
  return new Promise((resolve, reject) => {
    let isPiped = false;
    // Before version 24, `writableFinished` is also true for a response that was destroyed and then ended.
    let isFinished = false;
    const leave = (): void => reject(signal.reason);
    const onAbort = (): void => {
      const isStarted = isPiped || response.headersSent;
      socket.disconnect();
      if (isStarted) leave();
      else onAnswer(response, leave);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    response.once('pipe', () => (isPiped = true));
    response.once('error', reject);
    response.once('finish', () => {
      isFinished = true;
      request.resume(); // nobody reads the rest of its body
      process.nextTick(destroy, socket); // not at once: for a write in progress, Node would create an error
      resolve({ status: response.statusCode, headers: response.getHeaders(), body: socket.body });
    });
    response.once('close', () => {
      signal.removeEventListener('abort', onAbort);
      if (!signal.aborted && !isFinished) reject(socket.isTooLarge ? tooLarge(limit) : new Error(DESTROYED));
    });
    send();
  });
}

const destroy = (socket: InjectedSocket): unknown => socket.destroy();

const DESTROYED = 'The response was destroyed before it was complete.';

/**
 * Calls a listener when the handler answers although the client has disconnected: it ends or destroys the response, or
 * leaves the rest to a stream. A stream never ends a response that is destroyed.
 */
function onAnswer(response: ServerResponse, listener: () => void): void {
  response.once('pipe', listener);
  for (const name of ['end', 'destroy']) {
    const method: unknown = Reflect.get(response, name);
    Reflect.set(response, name, (...parameters: unknown[]): unknown => {
      listener();
      return typeof method === 'function' ? Reflect.apply(method, response, parameters) : response;
    });
  }
}

const tooLarge = (limit: number): Refusal =>
  new Refusal(
    `The result is too large: more than ${limit} bytes, the limit per request. Request less data.`,
    'result_too_large',
  );

function headersOf(
  { headers, body }: ToolRequest,
  caller: Injected['caller'],
  forwardAuthorization: boolean,
): Record<string, string> {
  const { authorization, 'user-agent': agent } = caller.headers;
  const { host } = caller; // that of the client, if a trusted proxy forwards it, like address and protocol
  return {
    accept: 'application/json, text/plain;q=0.9, */*;q=0.8',
    'accept-encoding': 'identity',
    ...headers,
    ...(body !== undefined && { 'content-length': String(Buffer.byteLength(body)) }),
    ...(host !== undefined && { host }),
    ...(agent !== undefined && { 'user-agent': agent }),
    'x-request-id': requestIdOf(caller),
    ...(forwardAuthorization && authorization !== undefined && { authorization }),
  };
}

/** @throws {Refusal} when Node would refuse the request over HTTP, which the application relies on */
function requireHeaderSize(url: string, headers: Readonly<Record<string, string>>): void {
  const size = Object.entries(headers).reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  if (url.length + size <= maxHeaderSize) return;
  throw new Refusal(
    `The arguments are too long: path, query and headers must not exceed ${maxHeaderSize} bytes. Shorten them.`,
    'invalid_input',
  );
}
