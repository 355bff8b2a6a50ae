import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';

/** Statuses of responses without a body (Fetch standard, "null body status"). */
const WITHOUT_BODY = [204, 205, 304];

/**
 * Converts a response of `node:http` to one of `fetch`.
 *
 * @param method method of the request; a response to HEAD has no body
 */
export function responseOf(incoming: IncomingMessage, method = 'GET'): Response {
  const headers = Object.entries(incoming.headersDistinct).flatMap(([name, values = []]) =>
    values.map((value): [string, string] => [name, value]),
  );
  const { statusCode: status = 0 } = incoming;
  if (method !== 'HEAD' && !WITHOUT_BODY.includes(status))
    return new Response(Readable.toWeb(incoming), { status, headers });
  incoming.resume();
  return new Response(null, { status, headers });
}
