import { isRecord } from '../../values/is-record.js';
import { isRedirect } from './endpoint.js';
import { ALL_CLIENTS, error, type Finding, warning } from './finding.js';
import type { Answer } from './probe.js';

/** Reads the URL of the metadata from the challenge. */
export const metadataUrlIn = ({ headers }: Answer): string | undefined =>
  /\bresource_metadata="([^"]+)"/i.exec(headers.get('www-authenticate') ?? '')?.[1];

/** Checks the response to a request without a token (RFC 6750 §3, RFC 9728 §5.1). */
export function checkChallenge(first: Answer): Finding[] {
  if (isRedirect(first)) return []; // reported as such
  if (first.status === 200) {
    return [
      warning('no_sign_in', {
        problem: 'The server answers without a token: everybody can use it.',
        remedy: 'Answer requests without a token with 401, unless the server is public.',
        clients: [],
      }),
    ];
  }
  if (first.status !== 401) {
    return [
      error('no_401', {
        problem: `A request without a token gets HTTP ${first.status} in place of 401, so that clients start no sign-in.`,
        remedy: remedyFor(first.status),
        clients: ALL_CLIENTS,
      }),
    ];
  }
  return [...checkHeader(first), ...checkBody(first)];
}

function remedyFor(status: number): string {
  if (status === 404) return 'Check the path of the endpoint.';
  if (status === 403)
    return 'Add the host name of this URL to ALLOWED_HOSTS, and check the rules of the proxy.';
  return status >= 500
    ? 'Check that the server behind the proxy runs, and read its log.'
    : 'Answer with 401.';
}

function checkHeader(first: Answer): Finding[] {
  const challenge = first.headers.get('www-authenticate') ?? '';
  if (!/(^|,\s*)bearer\b/i.test(challenge)) {
    return [
      error('no_challenge', {
        problem: 'The 401 has no WWW-Authenticate header with the scheme Bearer.',
        remedy: 'Send WWW-Authenticate: Bearer resource_metadata="…", and let the proxy pass it on.',
        clients: ['ChatGPT', 'clients of the official SDKs'],
      }),
    ];
  }
  if (metadataUrlIn(first) !== undefined) return [];
  return [
    warning('challenge_without_metadata', {
      problem: 'The challenge does not name the metadata document (resource_metadata).',
      remedy: 'Add resource_metadata="…" to WWW-Authenticate (RFC 9728 §5.1).',
      clients: ['ChatGPT', 'clients that do not guess the well-known path'],
    }),
  ];
}

function checkBody({ json }: Answer): Finding[] {
  if (isRecord(json)) return [];
  return [
    warning('challenge_body', {
      problem: 'The body of the 401 is not JSON.',
      remedy: 'Send a JSON object with "error" and "error_description".',
      clients: ['Gemini'],
    }),
  ];
}
