import type { IncomingMessage, ServerResponse } from 'node:http';

/** Longest text of a client's that a record holds, characters. */
const MAX_TEXT = 200;

/** What the OAuth engine says of a request. */
export interface RequestOutcome {
  readonly clientId?: string | undefined;
  /** OAuth error code (RFC 6749 §5.2) of a refusal. */
  readonly error?: string | undefined;
  readonly errorDescription?: string | undefined;
}

/** One request, for the log. It holds no token, code, secret or query. */
export interface RequestRecord extends RequestOutcome {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly durationMs: number;
}

const outcomes = new WeakMap<ServerResponse, RequestOutcome>();

/** Remembers what the record of a request says of its outcome. */
export function noteOutcome(res: ServerResponse, outcome: RequestOutcome): void {
  outcomes.set(res, { ...outcomes.get(res), ...outcome });
}

/** Hands over the record of a request once that has ended. */
export function recordRequest(
  req: IncomingMessage,
  res: ServerResponse,
  onRequest: (record: RequestRecord) => void,
): void {
  const start = performance.now();
  const { method = '' } = req;
  const path = pathOf(req.url ?? '/'); // now, because the engine is given another
  res.once('close', () => {
    const { clientId, error, errorDescription } = outcomes.get(res) ?? {};
    onRequest({
      method,
      path,
      status: res.statusCode,
      clientId: clientId && plainText(clientId),
      error,
      errorDescription: errorDescription && plainText(errorDescription),
      durationMs: Math.round((performance.now() - start) * 100) / 100,
    });
  });
}

/** Without the query, and without the id of a sign-in that is under way. */
function pathOf(url: string): string {
  const path = url.split('?')[0] ?? '';
  return path.replace(/^(\/sign-in|.*\/oauth\/authorize)\/.*$/, '$1/…').slice(0, MAX_TEXT);
}

/** Of bounded length, and without control characters, which a terminal obeys. */
const plainText = (text: string): string => text.slice(0, MAX_TEXT).replaceAll(/\p{Cc}/gu, '\ufffd');
