import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Provider } from 'oidc-provider';
import { environmentMetadata, resourceServerMetadata } from './authorization-server-metadata.js';
import { OF_ENVIRONMENT } from './environment-response.js';
import type { IssuerUrls } from './issuer-urls.js';
import type { TargetResource } from './target-resource.js';
import { adaptAuthorizationRequest, adaptTokenRequest, isSilent } from './request-parameters.js';
import { SignIn } from './sign-in/sign-in.js';
import { allowAnyOrigin, sendPreflight } from './http/cors.js';
import {
  BodyTooLargeError,
  hasForm,
  readBody,
  readForm,
  redirect,
  sendJson,
  withBody,
  withoutCookie,
} from './http/messages.js';

/** Maximum size of a registration. Real clients send 1 or 2 KB, slightly more with their own keys. */
const REGISTRATION_LIMIT_BYTES = 16 * 1024;
/** Maximum of all clients together. */
const REGISTRATIONS_PER_MINUTE = 120;
const MINUTE_MS = 60_000;

interface Exchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly url: URL;
}

type Endpoint = (exchange: Exchange) => Promise<void> | void;

/** Dependencies of the request handler. */
export interface RequestHandlerParts {
  readonly urls: IssuerUrls;
  readonly resource: TargetResource;
  /** Returns the current Provider. Called for each request, because key rotation replaces the Provider. */
  readonly provider: () => Provider;
  readonly onServerError: (error: Error) => void;
  /** Only for tests. */
  readonly allowPrivateClientAddresses: boolean;
}

/** Serves Scalekit's endpoints in front of `oidc-provider`. */
export class RequestHandler {
  readonly #parts: RequestHandlerParts;
  readonly #signIn: SignIn;
  /** Endpoints open to scripts of any origin, by method and path. */
  readonly #open: ReadonlyMap<string, Endpoint>;
  /** Registrations in the minute that ends at `#minuteEnd`. */
  #registrations = 0;
  #minuteEnd = 0;

  constructor(parts: RequestHandlerParts) {
    const { urls, resource } = parts;
    this.#parts = parts;
    this.#signIn = new SignIn(parts);

    const environment: Endpoint = ({ res }) => sendJson(res, 200, environmentMetadata(urls));
    const resourceServer: Endpoint = ({ res }) => sendJson(res, 200, resourceServerMetadata(urls, resource));
    const token: Endpoint = (exchange) => this.#token(exchange);
    this.#open = new Map([
      ['GET /.well-known/openid-configuration', environment],
      ['GET /.well-known/oauth-authorization-server', environment],
      [`GET /.well-known/oauth-authorization-server${urls.resourcePath}`, resourceServer],
      [`GET ${urls.resourcePath}/.well-known/oauth-authorization-server`, resourceServer],
      ['GET /keys', (exchange) => this.#delegate(exchange, '/keys')],
      ['POST /oauth/token', token],
      [`POST ${urls.resourcePath}/oauth/token`, token],
      [`POST ${urls.resourcePath}/oauth/revoke`, (exchange) => this.#delegate(exchange, '/oauth/revoke')],
      [`POST ${urls.registrationPath}`, (exchange) => this.#register(exchange)],
    ]);
  }

  /** Answers one request; never rejects. */
  async handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    try {
      const url = URL.parse(req.url ?? '/', this.#parts.urls.environment);
      if (url) await this.#route({ req, res, url });
      else sendJson(res, 400, { error: 'invalid_request', error_description: 'The request URL is invalid.' });
    } catch (error) {
      this.#fail(res, error);
    }
  }

  async #route(exchange: Exchange): Promise<void> {
    const { req, res, url } = exchange;
    const { urls } = this.#parts;
    if (!urls.answersTo(req.headers.host)) {
      const description = `The Host header must name ${new URL(urls.environment).hostname}.`;
      sendJson(res, 403, { error: 'forbidden', error_description: description });
      return;
    }

    const { method } = req;
    if (method === 'OPTIONS' && ['GET', 'POST'].some((asked) => this.#open.has(`${asked} ${url.pathname}`))) {
      sendPreflight(req, res);
      return;
    }
    const endpoint = this.#open.get(`${method} ${url.pathname}`);
    if (endpoint) {
      allowAnyOrigin(res);
      await endpoint(exchange);
    } else if (method === 'GET' && this.#isAuthorization(url.pathname)) {
      await this.#authorize(exchange);
    } else if (url.pathname.startsWith(`${urls.signInPath}/`)) {
      await this.#signIn.handle(req, res, url.pathname.slice(urls.signInPath.length + 1));
    } else {
      sendJson(res, 404, { error: 'not_found' });
    }
  }

  #isAuthorization(pathname: string): boolean {
    const endpoint = `${this.#parts.urls.resourcePath}/oauth/authorize`;
    return pathname === '/oauth/authorize' || pathname === endpoint || pathname.startsWith(`${endpoint}/`);
  }

  /** Serves the authorization endpoint, and its continuation after the sign-in page. */
  async #authorize(exchange: Exchange): Promise<void> {
    const { req, res, url } = exchange;
    const { urls, resource, provider } = this.#parts;
    if (req.headers.host !== urls.host) {
      redirect(res, `${urls.environment}${url.pathname}${url.search}`);
      return;
    }
    // The user signs in each time. An earlier session is used only if prompt=none forbids a page.
    if (!isSilent(url.searchParams)) {
      req.headers.cookie = withoutCookie(req.headers.cookie, provider().cookieName('session'));
    }
    const path = url.pathname.replace(urls.resourcePath, '');
    const resumes = path !== '/oauth/authorize';
    const parameters = adaptAuthorizationRequest(url.searchParams, resource);
    parameters.delete(OF_ENVIRONMENT);
    if (path === url.pathname) parameters.set(OF_ENVIRONMENT, 'true');
    await this.#delegate(exchange, resumes ? path : `${path}?${parameters.toString()}`);
  }

  /** Serves the token endpoint (RFC 6749 §3.2) of both the environment and the resource. */
  async #token(exchange: Exchange): Promise<void> {
    const { req } = exchange;
    if (!hasForm(req)) return this.#delegate(exchange, '/oauth/token');
    const form = adaptTokenRequest(await readForm(req), this.#parts.resource);
    return this.#delegate({ ...exchange, req: withBody(req, Buffer.from(form.toString())) }, '/oauth/token');
  }

  /** Serves the registration endpoint (RFC 7591 §3). Anybody may register, so number, size and rate are limited. */
  async #register(exchange: Exchange): Promise<void> {
    const { req, res } = exchange;
    const now = performance.now();
    if (now >= this.#minuteEnd) {
      this.#minuteEnd = now + MINUTE_MS;
      this.#registrations = 0;
    }
    if (this.#registrations === REGISTRATIONS_PER_MINUTE) {
      res.setHeader('retry-after', Math.ceil((this.#minuteEnd - now) / 1000));
      const description = `At most ${REGISTRATIONS_PER_MINUTE} clients may register per minute. Try again later.`;
      sendJson(res, 429, { error: 'too_many_requests', error_description: description });
      return;
    }
    this.#registrations += 1;
    const body = await readBody(req, REGISTRATION_LIMIT_BYTES);
    await this.#delegate({ ...exchange, req: withBody(req, body) }, '/oauth/register');
  }

  /** Passes the request to `oidc-provider` as if Express had mounted it at the resource's path. */
  async #delegate({ req, res }: Exchange, pathInProvider: string): Promise<void> {
    const { urls } = this.#parts;
    const originalUrl = `${urls.resourcePath}${pathInProvider}`;
    // oidc-provider derives URLs and the cookies' secure flag from these headers, so they must contain our own address.
    req.headers['x-forwarded-proto'] = new URL(urls.environment).protocol.slice(0, -1);
    req.headers['x-forwarded-host'] = urls.host;
    await this.#parts.provider().callback()(Object.assign(req, { url: pathInProvider, originalUrl }), res);
  }

  #fail(res: ServerResponse, error: unknown): void {
    if (error instanceof BodyTooLargeError) {
      res.setHeader('connection', 'close');
      sendJson(res, 413, { error: 'invalid_request', error_description: error.message });
      return;
    }
    this.#parts.onServerError(error instanceof Error ? error : new Error(String(error)));
    if (res.headersSent) res.destroy();
    else sendJson(res, 500, { error: 'server_error' });
  }
}
