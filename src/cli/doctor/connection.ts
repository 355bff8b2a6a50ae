import { authorityRemedies, isNotTls } from '../../values/connection-problem.js';
import { LOOPBACK_HOSTS } from '../../values/loopback.js';
import { proxyRemedies } from '../client/proxy-remedies.js';
import { initialization, isRedirect, locationOf } from './endpoint.js';
import { ALL_CLIENTS, error, type Finding, warning } from './finding.js';
import { type Answer, attempt, NoAnswerError } from './probe.js';

/** Maximum difference of the clocks. Tokens are checked to the second, with little tolerance. */
const MAX_CLOCK_DIFFERENCE_MS = 60_000;

/**
 * Describes why there is no response at all.
 *
 * @param variables environment of this process
 */
export function noAnswer({ url, code, message }: NoAnswerError, variables: NodeJS.ProcessEnv): Finding {
  if (isNotTls(code))
    return error('tls', {
      problem: `${url.href} answers without TLS.`,
      remedy:
        'Put a proxy with a certificate in front (docs/deploy.md). To look at the server itself, use its http URL.',
      clients: ALL_CLIENTS,
    });
  const isTls = /CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code);
  return isTls
    ? error('tls', {
        problem: `${url.href} has no valid TLS certificate (${message}).`,
        remedy: [
          'Install a certificate of a public authority for this host, with all intermediate certificates.',
          ...authorityRemedies(code),
        ].join(' '),
        clients: ALL_CLIENTS,
      })
    : error('unreachable', {
        problem: `${url.href} cannot be reached (${message}).`,
        remedy: [
          'Check the address, DNS, the firewall, and whether the server runs.',
          ...proxyRemedies(url, variables),
        ].join(' '),
        clients: ALL_CLIENTS,
      });
}

/** Checks TLS, redirects and the clock. */
export async function checkConnection(url: URL, first: Answer): Promise<Finding[]> {
  return [...checkAddress(url), ...checkRedirect(first), ...(await checkSlash(url)), ...checkClock(first)];
}

function checkAddress(url: URL): Finding[] {
  if (LOOPBACK_HOSTS.includes(url.hostname)) return [];
  if (url.protocol === 'http:') {
    return [
      error('no_tls', {
        problem: 'The endpoint has no TLS: tokens travel in clear text.',
        remedy: 'Put a proxy with a certificate in front (docs/deploy.md), and give clients the https URL.',
        clients: ALL_CLIENTS,
      }),
    ];
  }
  if (url.port === '') return [];
  return [
    warning('port', {
      problem: `The endpoint uses port ${url.port}.`,
      remedy: 'Serve it on port 443.',
      clients: ['claude.ai'],
    }),
  ];
}

function checkRedirect(first: Answer): Finding[] {
  if (!isRedirect(first)) return [];
  const to = locationOf(first);
  return [
    error('redirect', {
      problem: `The endpoint redirects to ${to} (HTTP ${first.status}). At a redirect, clients drop the token or the body.`,
      remedy: to.startsWith('https:')
        ? 'Give clients the https URL.'
        : 'Give clients the target of the redirect, or serve the endpoint under both addresses.',
      clients: ['claude.ai', 'clients of the official SDKs'],
    }),
  ];
}

/** Checks that the endpoint is the same with and without a slash at the end. */
async function checkSlash(url: URL): Promise<Finding[]> {
  if (url.pathname === '/') return [];
  const other = new URL(url);
  other.pathname = url.pathname.endsWith('/') ? url.pathname.slice(0, -1) : `${url.pathname}/`;
  const answer = await attempt(other, initialization());
  if (!answer || (!isRedirect(answer) && answer.status !== 404)) return [];
  const effect = isRedirect(answer) ? `redirects to ${locationOf(answer)}` : 'is not found';
  return [
    warning('trailing_slash', {
      problem: `${other.href} ${effect} (HTTP ${answer.status}).`,
      remedy: 'Serve the endpoint with and without the slash at the end, without a redirect.',
      clients: ['claude.ai', 'clients that add a slash to "resource"'],
    }),
  ];
}

function checkClock({ headers, at }: Answer): Finding[] {
  const theirs = Date.parse(headers.get('date') ?? '');
  const difference = theirs - at;
  if (Number.isNaN(theirs) || Math.abs(difference) <= MAX_CLOCK_DIFFERENCE_MS) return [];
  const minutes = Math.round(Math.abs(difference) / 6_000) / 10;
  return [
    error('clock', {
      problem: `The clock of the server is ${minutes} minutes ${difference < 0 ? 'behind' : 'ahead of'} that of this machine.`,
      remedy: 'Synchronize both with NTP: a wrong clock makes valid tokens look expired or not valid yet.',
      clients: ALL_CLIENTS,
    }),
  ];
}

/** Checks that plain HTTP leads to HTTPS, where a user may type the host name only. */
export async function checkPlainHttp(url: URL): Promise<Finding[]> {
  if (url.protocol !== 'https:' || url.port !== '' || LOOPBACK_HOSTS.includes(url.hostname)) return [];
  const plain = new URL(url);
  plain.protocol = 'http:';
  const answer = await attempt(plain);
  if (!answer || (isRedirect(answer) && locationOf(answer).startsWith('https:'))) return [];
  return [
    warning('plain_http', {
      problem: `${plain.href} answers without TLS (HTTP ${answer.status}).`,
      remedy: 'Redirect http to https, or close port 80.',
      clients: ['users who type http'],
    }),
  ];
}
