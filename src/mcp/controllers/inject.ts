import { type IncomingMessage, maxHeaderSize, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';

import type { Express, Request } from 'express';

import { type InjectedRequest, type Injection, setInjection } from '../../auth/injected-request.js';
import { clientAddress } from '../../logging/client-address.js';
import { type IdentifiedRequest, requestIdOf, shareRequestId } from '../../logging/request-id.js';
import { requireOptional } from '../../values/load-optional.js';
import { Refusal } from '../failures/refusal.js';
import { completeMessages, disconnect, onAnswer } from './injected-messages.js';
import type { ToolRequest } from './tool-request.js';

const require = createRequire(import.meta.url);

type Inject = typeof import('light-my-request').inject;

/** Loads light-my-request, which only applications with controllers as tools install. */
export const loadInject = (): Inject =>
  requireOptional('@ExposeAsTool()', ['light-my-request'], () => {
    const { inject }: typeof import('light-my-request') = require('light-my-request');
    return inject;
  });

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
export async function injectInto(
  application: Express,
  inject: Inject,
  { request, caller, signal, limit, ...details }: Injected,
): Promise<InjectedResponse> {
  signal.throwIfAborted();
  const headers = headersOf(request, caller, details.forwardAuthorization);
  requireHeaderSize(request.url, headers);
  let answered: (() => void) | undefined;
  const answer = new Promise<void>((resolve) => (answered = resolve));
  let leave: (() => void) | undefined;
  let isStarted = false;
  const dispatch = (
    incoming: IncomingMessage & InjectedRequest & IdentifiedRequest,
    outgoing: ServerResponse,
  ): void => {
    completeMessages(incoming, outgoing, caller.secure);
    setInjection(incoming, details.injection);
    shareRequestId(caller, incoming);
    if (details.user !== undefined) Object.assign(incoming, { user: details.user });
    onAnswer(outgoing, () => answered?.());
    leave = () => {
      isStarted = outgoing.headersSent;
      disconnect(incoming);
    };
    application(incoming, outgoing);
  };
  const onAbort = (): void => leave?.();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    const response = await inject(dispatch, {
      validate: false,
      method: methodOf(request),
      url: request.url,
      headers,
      remoteAddress: clientAddress(caller) ?? '127.0.0.1',
      payloadAsStream: true,
      ...(request.body !== undefined && { payload: request.body }),
    });
    const { statusCode: status, headers: received } = response;
    return { status, headers: received, body: await bytesOf(response.stream(), limit, onAbort) };
  } catch (error) {
    if (!signal.aborted) throw error;
    if (!isStarted) await answer;
    throw signal.reason;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function headersOf(
  { headers }: ToolRequest,
  caller: Injected['caller'],
  forwardAuthorization: boolean,
): Record<string, string> {
  const { authorization, 'user-agent': agent } = caller.headers;
  const { host } = caller; // that of the client, if a trusted proxy forwards it, like address and protocol
  return {
    accept: 'application/json, text/plain;q=0.9, */*;q=0.8',
    'accept-encoding': 'identity',
    ...headers,
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

/** @throws {Refusal} when there are more bytes than the limit */
async function bytesOf(stream: AsyncIterable<Buffer>, limit: number, leave: () => void): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > limit) {
      leave();
      throw new Refusal(
        `The result is too large: more than ${limit} bytes, the limit per request. Request less data.`,
        'result_too_large',
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

const methodOf = ({ method }: ToolRequest): (typeof METHODS)[number] =>
  METHODS.find((known) => known === method) ?? 'GET';
