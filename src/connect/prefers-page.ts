import type { IncomingHttpHeaders } from 'node:http';

/** Maximum length of an `Accept` header that is parsed, in characters. Those of browsers have up to 150. */
const MAX_ACCEPT_LENGTH = 1_000;

/** Begins the default `Accept` header of Java's `HttpURLConnection`, with which programs read JSON too. */
const JAVA_ACCEPT = 'text/html, image/gif, image/jpeg,';

/** Headers that only clients of the endpoint send. */
const CLIENT_HEADERS = ['authorization', 'mcp-session-id', 'mcp-protocol-version', 'last-event-id'];

/**
 * Whether a GET request comes from a person who opened the address in a browser. Scripts and programs get the answer of
 * the endpoint, even if they accept HTML as well.
 */
export function prefersPage(headers: IncomingHttpHeaders): boolean {
  if (CLIENT_HEADERS.some((name) => headers[name] !== undefined)) return false;
  const mode = headers['sec-fetch-mode'];
  if (mode !== undefined && mode !== 'navigate') return false;
  const { accept = '*/*' } = headers;
  if (accept.length > MAX_ACCEPT_LENGTH || accept.startsWith(JAVA_ACCEPT)) return false;
  const quality = qualities(accept);
  const html = quality('text', 'html');
  return html > quality('application', 'json') && html > quality('text', 'event-stream');
}

/** Parses an `Accept` header. The most specific range decides about a media type (RFC 9110 §12.5.1). */
function qualities(accept: string): (type: string, subtype: string) => number {
  const ranges = new Map(
    accept
      .toLowerCase()
      .split(',')
      .map((range): [string, number] => {
        const [name = '', ...parameters] = range.split(';').map((part) => part.trim());
        const weight = parameters.find((parameter) => parameter.startsWith('q='));
        return [name, weight === undefined ? 1 : Number(weight.slice(2)) || 0];
      }),
  );
  return (type, subtype) =>
    ranges.get(`${type}/${subtype}`) ?? ranges.get(`${type}/*`) ?? ranges.get('*/*') ?? 0;
}
