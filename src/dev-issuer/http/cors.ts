import type { IncomingMessage, ServerResponse } from 'node:http';

const PREFLIGHT_LIFETIME_SECONDS = 600;

/**
 * Opens an endpoint to scripts of every origin, as browser-based clients need it. Only for endpoints that take no
 * cookies: what they answer depends on the request alone.
 */
export function allowAnyOrigin(res: ServerResponse): void {
  res.setHeader('access-control-allow-origin', '*');
  res.setHeader('access-control-expose-headers', 'WWW-Authenticate');
}

/** Answers a CORS preflight; every requested header is fine, `MCP-Protocol-Version` among them. */
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
