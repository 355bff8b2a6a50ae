import { Inject, Injectable, type NestMiddleware } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';

import { type AuthenticatedRequest, findPrincipal } from '../auth/authenticated-request.js';
import { callerFields } from './caller-fields.js';
import { elapsedSince } from './elapsed.js';
import { LOG, type Log } from './log.js';
import { assignRequestId, type IdentifiedRequest } from './request-id.js';

/** Writes one line for each request, and tells the client under which id it is found. */
@Injectable()
export class RequestLogMiddleware implements NestMiddleware {
  constructor(@Inject(LOG) private readonly log: Log) {}

  use(
    request: Request & AuthenticatedRequest & IdentifiedRequest,
    response: Response,
    next: NextFunction,
  ): void {
    const start = performance.now();
    const isTrusted: (address: string | undefined, hop: number) => boolean =
      request.app.get('trust proxy fn');
    const requestId = assignRequestId(request, isTrusted(request.socket.remoteAddress, 0));
    response.setHeader('X-Request-Id', requestId);
    // Without the query: a client may have put there what does not belong there.
    const path = request.originalUrl.split('?', 1)[0];
    response.once('close', () => {
      const principal = findPrincipal(request);
      this.log[path?.startsWith('/health') ? 'debug' : 'info'](
        {
          requestId,
          method: request.method,
          path,
          status: response.statusCode,
          address: request.ip,
          ...(principal && callerFields(principal)),
          ...(typeof response.locals['reason'] === 'string' && { reason: response.locals['reason'] }),
          ...(!response.writableFinished && { aborted: true }),
          durationMs: elapsedSince(start),
        },
        'request',
      );
    });
    next();
  }
}
