import type { IncomingMessage, ServerResponse } from 'node:http';

/** Maximum length of a client's text in a record, in characters. */
const MAX_TEXT_LENGTH = 200;

/** Person or machine that has signed in. */
export interface SignedIn {
  readonly issuer: string;
  readonly subject: string | undefined;
  readonly organizationId: string | undefined;
}

/** Refused sign-in or token. */
export interface RefusedSignIn {
  readonly issuer: string;
  /** Known client that the request names; not verified. */
  readonly clientId: string | undefined;
}

/** Outcome of a request, as reported by the OAuth engine. */
export interface RequestOutcome {
  readonly clientId?: string | undefined;
  /** Receiver of a token, unless the token is a refreshed one. */
  readonly signedIn?: SignedIn | undefined;
  /** Refusal of a sign-in or a token. */
  readonly refused?: RefusedSignIn | undefined;
  /** OAuth error code (RFC 6749 §5.2) of a refusal. */
  readonly error?: string | undefined;
  readonly errorDescription?: string | undefined;
}

/** Log record of one request. Contains no token, code, secret or query. */
export interface RequestRecord extends RequestOutcome {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly durationMs: number;
  /** Address of the client, or of a proxy. */
  readonly address: string | undefined;
}

const outcomes = new WeakMap<ServerResponse, RequestOutcome>();

/** Stores the outcome of a request for its record. */
export function noteOutcome(res: ServerResponse, outcome: RequestOutcome): void {
  outcomes.set(res, { ...outcomes.get(res), ...outcome });
}

/** Passes the record of a request to the callback when the request ends. */
export function recordRequest(
  req: IncomingMessage,
  res: ServerResponse,
  onRequest: (record: RequestRecord) => void,
): void {
  const start = performance.now();
  const { method = '' } = req;
  const address = req.socket.remoteAddress; // a closed connection no longer has one
  const path = pathOf(req.url ?? '/'); // read now, because the URL changes before the engine sees it
  res.once('close', () => {
    const { clientId, signedIn, refused, error, errorDescription } = outcomes.get(res) ?? {};
    onRequest({
      method,
      path,
      status: res.statusCode,
      clientId: clientId && plainText(clientId),
      signedIn,
      refused,
      error,
      errorDescription: errorDescription && plainText(errorDescription),
      durationMs: Math.round((performance.now() - start) * 100) / 100,
      address,
    });
  });
}

/** Returns the path without the query and without the id of a sign-in in progress. */
function pathOf(url: string): string {
  const path = url.split('?')[0] ?? '';
  return path.replace(/^(\/sign-in|.*\/oauth\/authorize)\/.*$/, '$1/…').slice(0, MAX_TEXT_LENGTH);
}

/** Limits the length and replaces control characters, which a terminal would interpret. */
const plainText = (text: string): string => text.slice(0, MAX_TEXT_LENGTH).replaceAll(/\p{Cc}/gu, '\ufffd');
