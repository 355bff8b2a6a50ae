import { IncomingMessage, type ServerResponse } from 'node:http';
import { noteOutcome } from './request-record.js';

const BODY_LIMIT_BYTES = 64 * 1024;

/** The request body is larger than anything this server is sent in earnest. */
export class BodyTooLargeError extends Error {}

/** Reads a form body (`application/x-www-form-urlencoded`). Throws {@link BodyTooLargeError}. */
export async function readForm(req: IncomingMessage): Promise<URLSearchParams> {
  return new URLSearchParams((await readBody(req, BODY_LIMIT_BYTES)).toString('utf8'));
}

/** Reads a body of at most so many bytes. Throws {@link BodyTooLargeError}. */
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

/** Whether the request says that its body is a form. */
export function hasForm(req: IncomingMessage): boolean {
  return req.headers['content-type']?.split(';')[0]?.trim() === 'application/x-www-form-urlencoded';
}

/** The same request with another body, still unread. */
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

/** A Cookie header (RFC 6265 §4.2) without the cookie of one name; undefined where nothing is left. */
export function withoutCookie(header: string | undefined, name: string): string | undefined {
  const kept = header?.split(';').filter((pair) => pair.split('=')[0]?.trim() !== name);
  return kept && kept.length > 0 ? kept.join(';').trim() : undefined;
}

/** Answers with JSON that no cache keeps (RFC 6749 §5.1). */
export function sendJson(
  res: ServerResponse,
  status: number,
  body: object & { error?: string; error_description?: string },
): void {
  if (body.error) noteOutcome(res, { error: body.error, errorDescription: body.error_description });
  res.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  res.end(JSON.stringify(body));
}

/** Sends the browser elsewhere. */
export function redirect(res: ServerResponse, location: string): void {
  res.writeHead(302, { location, 'cache-control': 'no-store' });
  res.end();
}
