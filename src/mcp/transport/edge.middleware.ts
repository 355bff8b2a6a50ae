import { Inject, Injectable, type NestMiddleware } from '@nestjs/common';
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
export class EdgeMiddleware implements NestMiddleware {
  readonly #cors: RequestHandler = cors({
    origin: true, // only what passed the check below gets here, with whatever headers (Mcp-Param-… are many)
    methods: ['POST', 'GET', 'DELETE'],
    exposedHeaders: RESPONSE_HEADERS,
    maxAge: 600,
  });

  /** Those that have passed: nearly all requests bear one of a few. */
  readonly #hosts = new Set<string>();

  constructor(@Inject(CONFIGURATION) private readonly configuration: Configuration) {}

  use(request: Request, response: Response, next: NextFunction): void {
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

function refuse(response: Response, reason: Reason, message: string): void {
  sendJsonRpcError(response, new JsonRpcError(reason, 403, REFUSED, message));
}
