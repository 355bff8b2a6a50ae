import type { NextFunction, Request, Response } from 'express';

/** A body that may be longer than this is not waited for. */
const NEGLIGIBLE = 64 * 1024;
/** How long a client may go on sending before the connection is cut, so that it can read the answer first. */
const LINGER = 1_000;

/**
 * Cuts connections whose request was answered before its body was read: refused callers cannot keep the
 * server busy with receiving what it will throw away.
 */
export function abandonUnreadBodies(request: Request, response: Response, next: NextFunction): void {
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
  if (encoding !== undefined || Number(length ?? 0) > NEGLIGIBLE) {
    response.once('finish', () => {
      if (!request.complete) setTimeout(() => request.complete || request.socket.destroy(), LINGER).unref();
    });
  }
  next();
}
