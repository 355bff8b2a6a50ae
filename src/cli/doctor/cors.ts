import { initialization } from './endpoint.js';
import { BROWSER_CLIENTS, type Finding, warning } from './finding.js';
import type { Answer } from './probe.js';
import { attempt } from './probe.js';

/** Headers that clients of any revision send. */
const REQUEST_HEADERS = [
  'authorization',
  'content-type',
  'mcp-protocol-version',
  'mcp-session-id',
  'mcp-method',
  'mcp-name',
];

/** Checks that pages of this origin may call and may read the challenge. */
export async function checkCors(url: URL, origin: string): Promise<Finding[]> {
  const answer = await attempt(url, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': REQUEST_HEADERS.join(','),
    },
  });
  const problem = answer ? preflightProblem(answer, origin) : 'gets no response';
  if (problem !== undefined) {
    return [
      warning('cors_preflight', {
        problem: `A preflight request (OPTIONS) of ${origin} ${problem}.`,
        remedy: `Answer it without a token, and allow the origin (ALLOWED_ORIGINS) and the headers ${REQUEST_HEADERS.join(', ')}.`,
        clients: BROWSER_CLIENTS,
      }),
    ];
  }
  const call = await attempt(url, initialization({ origin }));
  if (call?.status !== 401 || lists(call, 'access-control-expose-headers', 'www-authenticate')) return [];
  return [
    warning('cors_exposed_headers', {
      problem: 'Pages cannot read WWW-Authenticate.',
      remedy: 'Send Access-Control-Expose-Headers: WWW-Authenticate, Mcp-Session-Id with every response.',
      clients: BROWSER_CLIENTS,
    }),
  ];
}

function preflightProblem(answer: Answer, origin: string): string | undefined {
  if (answer.status < 200 || answer.status >= 300) return `gets HTTP ${answer.status}`;
  const allowed = answer.headers.get('access-control-allow-origin');
  if (allowed !== origin && allowed !== '*') return 'is not allowed';
  // "*" does not include Authorization.
  const missing = REQUEST_HEADERS.filter(
    (header) =>
      !lists(answer, 'access-control-allow-headers', header) &&
      (header === 'authorization' || !lists(answer, 'access-control-allow-headers', '*')),
  );
  return missing.length > 0 ? `may not send ${missing.join(', ')}` : undefined;
}

const lists = ({ headers }: Answer, header: string, value: string): boolean =>
  (headers.get(header) ?? '')
    .toLowerCase()
    .split(',')
    .some((listed) => listed.trim() === value);
