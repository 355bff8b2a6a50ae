import { IncomingMessage, type ServerResponse } from 'node:http';
import { noteOutcome } from './request-record.js';

const BODY_LIMIT_BYTES = 64 * 1024;

/** Thrown when a request body exceeds the limit. */
export class BodyTooLargeError extends Error {}

/**
 * Reads a form body (`application/x-www-form-urlencoded`).
 *
 * @throws {BodyTooLargeError} when the body exceeds 64 KiB
 */
export async function readForm(req: IncomingMessage): Promise<URLSearchParams> {
  return new URLSearchParams((await readBody(req, BODY_LIMIT_BYTES)).toString('utf8'));
}

/**
 * Reads a body.
 *
 * @param limit maximum size in bytes
 * @throws {BodyTooLargeError} when the body is larger
 */
export async function readBody(req: IncomingMessage, limit: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of req as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > limit) throw new BodyTooLargeError(`The body is larger than ${limit} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Whether the request declares a form body. */
export function hasForm(req: IncomingMessage): boolean {
  return req.headers['content-type']?.split(';')[0]?.trim() === 'application/x-www-form-urlencoded';
}

/** Copies a request with another, unread body. */
export function withBody(req: IncomingMessage, body: Buffer): IncomingMessage {
  const copy = new IncomingMessage(req.socket);
  copy.method = req.method;
  copy.url = req.url;
  copy.httpVersion = req.httpVersion;
  copy.headers = { ...req.headers, 'content-length': String(body.length) };
  delete copy.headers['transfer-encoding'];
  copy.push(body);
  copy.push(null);
  copy.complete = true;
  return copy;
}

/** Removes a cookie from a Cookie header (RFC 6265 §4.2). Returns undefined if no cookie is left. */
export function withoutCookie(header: string | undefined, name: string): string | undefined {
  const kept = header?.split(';').filter((pair) => pair.split('=')[0]?.trim() !== name);
  return kept && kept.length > 0 ? kept.join(';').trim() : undefined;
}

/** Sends a JSON response that must not be cached (RFC 6749 §5.1). */
export function sendJson(
  res: ServerResponse,
  status: number,
  body: object & { error?: string; error_description?: string },
): void {
  if (body.error) noteOutcome(res, { error: body.error, errorDescription: body.error_description });
  res.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  res.end(JSON.stringify(body));
}

/** Redirects the browser. */
export function redirect(res: ServerResponse, location: string): void {
  res.writeHead(302, { location, 'cache-control': 'no-store' });
  res.end();
}
