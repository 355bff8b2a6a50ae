import type { IncomingMessage, ServerResponse } from 'node:http';

const PREFLIGHT_LIFETIME_SECONDS = 600;

/**
 * Allows scripts of any origin to call an endpoint, for browser-based clients. Only for endpoints without cookies, whose
 * response depends on the request alone.
 */
export function allowAnyOrigin(res: ServerResponse): void {
  res.setHeader('access-control-allow-origin', '*');
  res.setHeader('access-control-expose-headers', 'WWW-Authenticate');
}

/** Answers a CORS preflight. Allows every requested header, including `MCP-Protocol-Version`. */
export function sendPreflight(req: IncomingMessage, res: ServerResponse): void {
  allowAnyOrigin(res);
  const requested = req.headers['access-control-request-headers'];
  res.writeHead(204, {
    'access-control-allow-methods': 'GET, POST, OPTIONS',
    'access-control-allow-headers': requested ?? 'Authorization, Content-Type, MCP-Protocol-Version',
    'access-control-max-age': String(PREFLIGHT_LIFETIME_SECONDS),
    vary: 'Access-Control-Request-Headers',
  });
  res.end();
}
