import { decodeJwt, type JWTPayload } from 'jose';

import { isRecord } from '../../values/is-record.js';
import { initialization, REVISION } from './endpoint.js';
import { error, type Finding, warning } from './finding.js';
import { attempt, probe } from './probe.js';

/** Checks whether the server accepts a token, and finds out why not. */
export async function checkToken(url: URL, token: string, now: number): Promise<Finding[]> {
  const answer = await probe(url, initialization({ authorization: `Bearer ${token}` }));
  if (answer.status === 200) {
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
  const reasons = [...new Set([...serverReason(answer.json), ...reasonsIn(token, url, now)])];
  return [
    error('token_rejected', {
      problem: `The server rejects the token (HTTP ${answer.status}): ${reasons.join(' ') || 'it does not say why.'}`,
      remedy:
        answer.status === 503
          ? 'The server has no keys: check that it can reach its authorization server.'
          : 'Get a new token for exactly this URL from the authorization server that the metadata names.',
      clients: [],
    }),
  ];
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
  const description = isRecord(body) ? body['error_description'] : undefined;
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
