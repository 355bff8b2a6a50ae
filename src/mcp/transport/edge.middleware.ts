import { Inject, Injectable } from '@nestjs/common';
import cors from 'cors';
import type { NextFunction, Request, RequestHandler, Response } from 'express';

import { CONFIGURATION, type Configuration } from '../../config/configuration.js';
import type { Reason } from '../../logging/reason.js';
import { isAllowedHost, isAllowedOrigin } from './edge-rules.js';
import { JsonRpcError, REFUSED, sendJsonRpcError } from './json-rpc-error.js';

/** Most Host headers that are remembered; the port in them is anybody's choice. */
const MOST_HOSTS = 100;

const RESPONSE_HEADERS = [
  'WWW-Authenticate',
  'Mcp-Session-Id',
  'Retry-After',
  'RateLimit-Limit',
  'RateLimit-Remaining',
  'RateLimit-Reset',
];

/**
 * What may reach the MCP endpoint at all (MCP specification, basic/transports: the Origin header must be
 * validated, against DNS rebinding), and what a browser may do with the answer.
 */
@Injectable()
export class EdgeMiddleware {
  readonly #cors: RequestHandler = cors({
    origin: true, // only what passed the check below gets here, with whatever headers (Mcp-Param-… are many)
    methods: ['POST', 'GET', 'DELETE'],
    exposedHeaders: RESPONSE_HEADERS,
    maxAge: 600,
  });

  /** Those that have passed: nearly all requests bear one of a few. */
  readonly #hosts = new Set<string>();

  /** In lower case, without a trailing slash: Express ignores both. */
  readonly #paths: Set<string>;

  constructor(@Inject(CONFIGURATION) private readonly configuration: Configuration) {
    this.#paths = new Set([withoutSlash(configuration.resource.path.toLowerCase())]);
  }

  /** Checks requests to paths below the endpoint's, such as `sse`, too. */
  protect(...paths: readonly string[]): void {
    const [endpoint] = this.#paths;
    for (const path of paths) this.#paths.add(`${endpoint}/${path}`);
  }

  /**
   * Checks each request to the endpoint; an Express middleware.
   *
   * Not a middleware of NestJS, which would remember each request until the next collection of garbage.
   */
  readonly use: RequestHandler = (request, response, next) => {
    if (this.#paths.has(withoutSlash(request.path.toLowerCase()))) this.#check(request, response, next);
    else next();
  };

  #check(request: Request, response: Response, next: NextFunction): void {
    const { origin } = request.headers;
    if (!this.#isAllowedHost(request.headers.host)) {
      refuse(
        response,
        'wrong_host',
        'This host name is not served here. The ALLOWED_HOSTS setting lists those that are.',
      );
    } else if (!isAllowedOrigin(origin, this.configuration.edge)) {
      refuse(
        response,
        'wrong_origin',
        'This origin may not call. The ALLOWED_ORIGINS setting lists those that may.',
      );
    } else if (origin === undefined && request.method !== 'OPTIONS') {
      response.setHeader('Vary', 'Origin'); // no browser asks, but one that does gets other headers
      next();
    } else {
      this.#cors(request, response, next);
    }
  }

  #isAllowedHost(host: string | undefined): boolean {
    if (host !== undefined && this.#hosts.has(host)) return true;
    if (!isAllowedHost(host, this.configuration.edge)) return false;
    if (host !== undefined && this.#hosts.size < MOST_HOSTS) this.#hosts.add(host);
    return true;
  }
}

const withoutSlash = (path: string): string => (path.endsWith('/') ? path.slice(0, -1) : path);

function refuse(response: Response, reason: Reason, message: string): void {
  sendJsonRpcError(response, new JsonRpcError(reason, 403, REFUSED, message));
}
