import { Agent, type IncomingMessage, request } from 'node:http';
import { Readable } from 'node:stream';

/**
 * Idle time after which a connection is closed. The servers close theirs after 5 s. A request that uses a connection at
 * that moment fails with "socket hang up", so the client must be the one that closes.
 */
const IDLE_TIMEOUT_MS = 2_000;

const agent = new Agent({ keepAlive: true, timeout: IDLE_TIMEOUT_MS });

export interface LightRequest {
  /** Default: `GET`. */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

/**
 * Does what `fetch` does for the many requests of these tests, with a third of its CPU time. Unlike `fetch`, it adds no
 * headers, such as `Sec-Fetch-Mode`.
 */
export async function lightFetch(
  url: string,
  { method = 'GET', headers = {}, body, signal }: LightRequest = {},
): Promise<Response> {
  const message = await new Promise<IncomingMessage>((resolve, reject) => {
    const sent = request(url, {
      method,
      headers: { ...headers, ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }) },
      agent,
      ...(signal && { signal }),
    });
    sent.once('response', resolve);
    sent.once('error', reject);
    sent.end(body);
  });
  return toResponse(message);
}

async function toResponse(message: IncomingMessage): Promise<Response> {
  const { statusCode: status = 0, headers } = message;
  const isStream = headers['content-type']?.startsWith('text/event-stream') === true;
  const body = isStream ? (Readable.toWeb(message) as ReadableStream) : await textOf(message);
  return new Response(body === '' ? null : body, { status, headers: headersOf(message) });
}

async function textOf(message: IncomingMessage): Promise<string> {
  message.setEncoding('utf8');
  let text = '';
  for await (const chunk of message) text += chunk;
  return text;
}

function headersOf({ rawHeaders }: IncomingMessage): Headers {
  const headers = new Headers();
  for (let index = 0; index < rawHeaders.length; index += 2) {
    headers.append(rawHeaders[index] ?? '', rawHeaders[index + 1] ?? '');
  }
  return headers;
}
