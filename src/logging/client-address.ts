import type { Request } from 'express';

import { withoutPort } from '../network/without-port.js';

/** Returns the address of the client. Skips Express's evaluation of proxies if there is no forwarded header. */
export function clientAddress(request: Request): string | undefined {
  if (request.headers['x-forwarded-for'] === undefined) return request.socket.remoteAddress;
  return request.ip === undefined ? undefined : withoutPort(request.ip);
}
