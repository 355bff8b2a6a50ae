import { setTimeout as delay } from 'node:timers/promises';
import { isIP } from 'node:net';

import { Agent, type Dispatcher, EnvHttpProxyAgent } from 'undici';

import { outgoingProxy } from '../../network/outgoing-proxy.js';
import {
  isPrivateHost,
  isPublicAddress,
  NotPublicError,
  publicLookup,
} from '../../network/public-address.js';
import { OutageError, ToolError } from '../../tool-error.js';
import { systemErrorCode } from '../../values/system-error-code.js';
import type { InjectedResponse } from '../controllers/inject.js';
import { Refusal } from '../failures/refusal.js';

/** Request to an API. */
export interface UpstreamRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer | undefined;
  /** Texts to remove from the response. */
  readonly secrets: readonly string[];
}

const MAX_REDIRECTS = 3;
const REDIRECTS = [301, 302, 303, 307, 308];
/** Headers that a redirect to another origin keeps. */
const HARMLESS = ['accept', 'accept-encoding', 'user-agent'];

const CONNECT_TIMEOUT_MS = 10_000;
const RETRY_DELAYS_MS = [200, 800];
/** Longest time of `Retry-After` that is waited for. */
const MAX_RETRY_AFTER_MS = 5_000;
const REPEATABLE = ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS'];
const PASSING = [502, 503, 504];

type Response = Dispatcher.ResponseData;

/** Sends requests to one API, and follows redirects without its credentials. */
export class UpstreamClient {
  readonly #base: URL;
  readonly #name: string;
  readonly #own: Dispatcher;
  /** For redirects out of the API: public addresses only. Never through a proxy, which would look them up itself. */
  readonly #others: Agent;

  /** @param allowPrivateNetwork whether the host of the base URL may have a private address */
  constructor(base: URL, allowPrivateNetwork: boolean, name = base.host) {
    this.#base = base;
    this.#name = name;
    const isPrivate = allowPrivateNetwork || isPrivateHost(base.hostname);
    const connect = { timeout: CONNECT_TIMEOUT_MS };
    const own = { connect: isPrivate ? connect : { ...connect, lookup: publicLookup() } };
    this.#own = outgoingProxy() ? new EnvHttpProxyAgent(own) : new Agent(own);
    this.#others = new Agent({ connect: { ...connect, lookup: publicLookup() } });
  }

  /**
   * @param limit maximum size of the response in bytes
   * @throws {OutageError} when the API cannot be reached, or the connection broke
   * @throws {Refusal} when the response is larger than the limit
   */
  async send(request: UpstreamRequest, signal: AbortSignal, limit: number): Promise<InjectedResponse> {
    let current = request;
    const fail = (error: unknown): never => {
      if (signal.aborted) throw signal.reason;
      if (error instanceof Refusal) throw error;
      // A redirect follows a request that the API has received.
      const wasSent = current !== request || !isBeforeSending(error);
      throw outage(this.#name, wasSent && !REPEATABLE.includes(request.method), error);
    };
    for (let redirects = 0; ; redirects++) {
      const response = await this.#repeated(current, signal).catch(fail);
      const next = await this.#redirected(current, response);
      if (!next) return withoutSecrets(await read(response, limit).catch(fail), request.secrets);
      await response.body.dump();
      if (redirects === MAX_REDIRECTS) throw new ToolError(`The API "${this.#name}" redirects too often.`);
      current = next;
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#own.close(), this.#others.close()]);
  }

  /** Repeats a request that has the same effect twice, while the API is briefly unavailable. */
  async #repeated(request: UpstreamRequest, signal: AbortSignal): Promise<Response> {
    const delays = REPEATABLE.includes(request.method) ? RETRY_DELAYS_MS : [];
    for (const pause of delays) {
      let wait = pause * (0.75 + Math.random() / 2);
      try {
        const response = await this.#once(request, signal);
        const asked = retryAfter(response);
        if (!PASSING.includes(response.statusCode) || asked > MAX_RETRY_AFTER_MS) return response;
        wait = Math.max(wait, asked);
        await response.body.dump();
      } catch (error) {
        if (signal.aborted || error instanceof NotPublicError) throw error;
      }
      await delay(wait, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
    return this.#once(request, signal);
  }

  async #once({ method, url, headers, body }: UpstreamRequest, signal: AbortSignal): Promise<Response> {
    signal.throwIfAborted();
    const isOwn = this.#isOwn(url);
    // No lookup takes place for an address.
    const host = url.hostname.replaceAll(/^\[|\]$/g, '');
    if (!isOwn && isIP(host) !== 0 && !isPublicAddress(host)) throw new NotPublicError();
    const { dispatcher = this.#own } = isOwn ? {} : { dispatcher: this.#others };
    return dispatcher.request({
      origin: url.origin,
      path: url.pathname + url.search,
      method: methodOf(method),
      headers,
      body,
      signal,
    });
  }

  /** Whether a URL belongs to the API, or to its host over HTTPS. */
  #isOwn(url: URL): boolean {
    if (url.origin === this.#base.origin) return true;
    return url.hostname === this.#base.hostname && url.protocol === 'https:' && url.port === '';
  }

  /** Returns the request that a redirect asks for; undefined if there is none, or if it would repeat an effect. */
  async #redirected(request: UpstreamRequest, response: Response): Promise<UpstreamRequest | undefined> {
    const { statusCode: status, headers } = response;
    const location = headers['location'];
    if (!REDIRECTS.includes(status) || typeof location !== 'string') return undefined;
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (!isRead && status !== 303) return undefined;
    const url = URL.parse(location, request.url.href);
    if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
      return undefined;
    if (request.url.protocol === 'https:' && url.protocol === 'http:') {
      await response.body.dump(); // else the connection stays in use
      throw new ToolError(`The API "${this.#name}" redirects to an address without encryption.`);
    }
    const isSame = url.origin === this.#base.origin && url.origin === request.url.origin;
    const kept = Object.entries(request.headers).filter(([name]) =>
      isSame ? isRead || name !== 'content-type' : HARMLESS.includes(name),
    );
    return {
      ...request,
      method: isRead ? request.method : 'GET',
      url,
      headers: Object.fromEntries(kept),
      body: undefined,
    };
  }
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

const methodOf = (method: string): (typeof METHODS)[number] =>
  METHODS.find((known) => known === method) ?? 'GET';

const outage = (name: string, mayBeDone: boolean, cause: unknown): OutageError =>
  new OutageError(
    mayBeDone
      ? `The connection to the API "${name}" broke. The change may have been made: check before you repeat it.`
      : `The API "${name}" cannot be reached. Try again later.`,
    'upstream:unreachable',
    cause,
  );

/** Codes of errors that end a connection before a request is sent, also those of certificates. */
const UNCONNECTED =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT)$|CERT|^UNABLE_TO_/;

const isBeforeSending = (error: unknown): boolean =>
  error instanceof NotPublicError || UNCONNECTED.test(systemErrorCode(error));

function retryAfter({ headers }: Response): number {
  const value = headers['retry-after'];
  if (typeof value !== 'string') return 0;
  const seconds = Number(value);
  const time = Number.isNaN(seconds) ? Date.parse(value) - Date.now() : seconds * 1_000;
  return Number.isNaN(time) ? 0 : Math.max(0, time);
}

async function read(
  { statusCode: status, headers, body }: Response,
  limit: number,
): Promise<InjectedResponse> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of body) {
      const bytes: Buffer = Buffer.from(chunk);
      size += bytes.length;
      if (size > limit) {
        throw new Refusal(
          `The result is too large: more than ${limit} bytes. Request less data.`,
          'result_too_large',
        );
      }
      chunks.push(bytes);
    }
  } catch (error) {
    body.destroy();
    throw error;
  }
  return { status, headers, body: Buffer.concat(chunks) };
}

const MIN_SECRET_LENGTH = 6;

/** Replaces secrets that the API repeats, for example in the message of an error. */
function withoutSecrets(response: InjectedResponse, secrets: readonly string[]): InjectedResponse {
  const known = secrets.filter(({ length }) => length >= MIN_SECRET_LENGTH);
  if (known.length === 0) return response;
  const clean = (text: string): string =>
    known.reduce((left, secret) => left.replaceAll(secret, '[redacted]'), text);
  const isIn = known.some((secret) => response.body.includes(secret));
  return {
    ...response,
    body: isIn ? Buffer.from(clean(response.body.toString('utf8'))) : response.body,
    headers: Object.fromEntries(
      Object.entries(response.headers).map(([name, value]) => [
        name,
        typeof value === 'string' ? clean(value) : Array.isArray(value) ? value.map(clean) : value,
      ]),
    ),
  };
}
