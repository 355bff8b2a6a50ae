import { Inject, Injectable } from '@nestjs/common';
import cors from 'cors';
import type { NextFunction, Request, RequestHandler, Response } from 'express';

import { CONFIGURATION, type Configuration } from '../../config/configuration.js';
import type { Reason } from '../../logging/reason.js';
import { isAllowedHost, isAllowedOrigin } from './edge-rules.js';
import { JsonRpcError, REFUSED, sendJsonRpcError } from '../wire/json-rpc-error.js';
import { withoutSlash } from '../../values/without-slash.js';

/** Maximum number of cached Host headers. Clients can vary the port without limit. */
const MAX_HOSTS = 100;

const RESPONSE_HEADERS = [
  'WWW-Authenticate',
  'Mcp-Session-Id',
  'Retry-After',
  'RateLimit-Limit',
  'RateLimit-Remaining',
  'RateLimit-Reset',
];

/**
 * Checks the Host and Origin headers of requests to the MCP endpoint, and sets the CORS headers. The MCP specification
 * (basic/transports) requires the check of the origin, against DNS rebinding.
 */
@Injectable()
export class EdgeMiddleware {
  readonly #cors: RequestHandler = cors({
    origin: true, // the origin has already passed the check below; all request headers are allowed for Mcp-Param-…
    methods: ['POST', 'GET', 'DELETE'],
    exposedHeaders: RESPONSE_HEADERS,
    maxAge: 600,
  });

  /** Allowed Host headers. Nearly all requests have one of a few. */
  readonly #hosts = new Set<string>();

  /** Protected paths in lower case, without a trailing slash, because Express ignores both. */
  readonly #paths: Set<string>;

  constructor(@Inject(CONFIGURATION) private readonly configuration: Configuration) {
    this.#paths = new Set([withoutSlash(configuration.resource.path.toLowerCase())]);
  }

  /** Adds paths below the endpoint, such as `sse`, to the checked paths. */
  protect(...paths: readonly string[]): void {
    const [endpoint] = this.#paths;
    for (const path of paths) this.#paths.add(`${endpoint}/${path}`);
  }

  /**
   * Checks each request to the endpoint.
   *
   * This is a middleware of Express. NestJS middleware would keep each request in memory until the next garbage
   * collection.
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
        'This host name is not allowed. Use an allowed one, or add it to ALLOWED_HOSTS.',
      );
    } else if (!isAllowedOrigin(origin, this.configuration.edge)) {
      refuse(
        response,
        'wrong_origin',
        'This origin is not allowed. Use an allowed one, or add it to ALLOWED_ORIGINS.',
      );
    } else if (origin === undefined && request.method !== 'OPTIONS') {
      response.setHeader('Vary', 'Origin'); // requests with an Origin get other headers
      next();
    } else {
      this.#cors(request, response, next);
    }
  }

  #isAllowedHost(host: string | undefined): boolean {
    if (host !== undefined && this.#hosts.has(host)) return true;
    if (!isAllowedHost(host, this.configuration.edge)) return false;
    if (host !== undefined && this.#hosts.size < MAX_HOSTS) this.#hosts.add(host);
    return true;
  }
}

function refuse(response: Response, reason: Reason, message: string): void {
  sendJsonRpcError(response, new JsonRpcError(reason, 403, REFUSED, message));
}
