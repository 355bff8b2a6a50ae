import { Injectable, type NestMiddleware } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';

import { Lifecycle } from './lifecycle.js';

/**
 * While an instance stops, no connection outlives its request: a proxy then sends the next one to another
 * instance, instead of into a connection that is about to be closed.
 */
@Injectable()
export class ReleaseConnectionsMiddleware implements NestMiddleware {
  constructor(private readonly lifecycle: Lifecycle) {}

  use(_request: Request, response: Response, next: NextFunction): void {
    if (this.lifecycle.stopping) response.setHeader('Connection', 'close');
    next();
  }
}
