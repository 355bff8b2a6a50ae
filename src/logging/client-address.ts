import type { Request } from 'express';

/** Returns the address of the client. Skips Express's evaluation of proxies if there is no forwarded header. */
export const clientAddress = (request: Request): string | undefined =>
  request.headers['x-forwarded-for'] === undefined ? request.socket.remoteAddress : request.ip;
