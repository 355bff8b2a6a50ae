import type { RequestHandler } from 'express';

import type { Lifecycle } from './lifecycle.js';

/**
 * While an instance stops, no connection outlives its request: a proxy then sends the next one to another
 * instance, instead of into a connection that is about to be closed.
 */
export const releaseConnections =
  (lifecycle: Lifecycle): RequestHandler =>
  (_request, response, next) => {
    if (lifecycle.stopping) response.setHeader('Connection', 'close');
    next();
  };
