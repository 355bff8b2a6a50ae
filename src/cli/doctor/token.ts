import { decodeJwt, type JWTPayload } from 'jose';

import { isRecord } from '../../values/is-record.js';
import { initialization, REVISION } from './endpoint.js';
import { error, type Finding, warning } from './finding.js';
import { type Answer, attempt } from './probe.js';

/** Checks whether the server accepts a token, and finds out why not. */
export async function checkToken(url: URL, token: string, now: number): Promise<Finding[]> {
  const answer = await attempt(url, initialization({ authorization: `Bearer ${token}` }));
  if (answer?.status === 200) {
    const session = answer.headers.get('mcp-session-id');
    const headers = {
      authorization: `Bearer ${token}`,
      'mcp-protocol-version': REVISION,
      ...(session !== null && { 'mcp-session-id': session }),
    };
    const findings = await checkStream(url, headers);
    if (session !== null) await attempt(url, { method: 'DELETE', headers });
    return findings;
  }
  const isRejected = answer?.status === 401 || answer?.status === 403;
  return [isRejected ? rejected(answer, token, now) : unchecked(answer)];
}

function rejected({ url, status, json }: Answer, token: string, now: number): Finding {
  const reasons = [...new Set([...serverReason(json), ...reasonsIn(token, url, now)])];
  return error('token_rejected', {
    problem: `The server rejects the token (HTTP ${status}): ${reasons.join(' ')}`,
    remedy: 'Get a new token for exactly this URL from the authorization server that the metadata names.',
    clients: [],
  });
}

/** Creates the finding for a response that says nothing about the token. */
function unchecked(answer: Answer | undefined): Finding {
  const reason = serverReason(answer?.json).join(' ') || 'the server does not say why.';
  return error('token_unchecked', {
    problem: answer
      ? `A request with the token gets HTTP ${answer.status}, which does not show whether the token is accepted: ${reason}`
      : 'A request with the token gets no response, which does not show whether the token is accepted.',
    remedy: remedyFor(answer?.status),
    clients: [],
  });
}

function remedyFor(status: number | undefined): string {
  if (status === 429) return 'Wait, and run the command again.';
  if (status === 503) return 'Check that the server can reach its authorization server, and read its log.';
  return status === undefined || status >= 500
    ? 'Check that the server behind the proxy runs, and read its log.'
    : 'Read the log of the server and of the proxy.';
}

/** Checks the answer to the GET that clients send after the sign-in, to listen for notifications. */
async function checkStream(url: URL, headers: Record<string, string>): Promise<Finding[]> {
  const answer = await attempt(url, { headers: { ...headers, accept: 'text/event-stream' } });
  const isRefused = answer?.status === 405 && answer.headers.has('allow');
  const isStream = answer?.headers.get('content-type')?.startsWith('text/event-stream') ?? false;
  if (isRefused || isStream) return [];
  return [
    warning('get_answer', {
      problem: `A GET with the token gets ${answer ? `HTTP ${answer.status}` : 'no response'}, neither an event stream nor 405 with Allow.`,
      remedy: 'Answer GET with 405 and "Allow: POST", or with an event stream.',
      clients: ['claude.ai', 'Claude Desktop', 'Claude Code'],
    }),
  ];
}

function serverReason(body: unknown): string[] {
  if (!isRecord(body)) return [];
  const { error: ofRpc, error_description: ofOAuth } = body;
  const description = ofOAuth ?? (isRecord(ofRpc) ? ofRpc['message'] : undefined);
  return typeof description === 'string' ? [description] : [];
}

/** Returns what the token itself shows. Only the server can check its signature. */
function reasonsIn(token: string, url: URL, now: number): string[] {
  const claims = claimsIn(token);
  if (!claims) return ['The access token is not a JWT.'];
  const audiences = [claims.aud ?? []].flat();
  return [
    ...(claims.exp !== undefined && claims.exp * 1000 <= now
      ? [`It expired at ${new Date(claims.exp * 1000).toISOString()}.`]
      : []),
    ...(claims.nbf !== undefined && claims.nbf * 1000 > now
      ? [`It is not valid before ${new Date(claims.nbf * 1000).toISOString()}.`]
      : []),
    ...(audiences.includes(url.href)
      ? []
      : [`Its audience is ${audiences.join(', ') || 'missing'}, not ${url.href}.`]),
    `Its issuer is ${claims.iss ?? 'missing'}.`,
  ];
}

function claimsIn(token: string): JWTPayload | undefined {
  try {
    return decodeJwt(token);
  } catch {
    return undefined;
  }
}
