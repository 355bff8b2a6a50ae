import { z } from 'zod';

import { LOOPBACK_HOSTS } from '../../values/loopback.js';
import { isRedirect } from './endpoint.js';
import { ALL_CLIENTS, error, type Finding, warning } from './finding.js';
import { checkKeys } from './keys.js';
import { attempt } from './probe.js';
import { withoutSlash } from '../../values/without-slash.js';

const serverSchema = z.looseObject({
  issuer: z.string().optional(),
  authorization_endpoint: z.string().optional(),
  token_endpoint: z.string().optional(),
  registration_endpoint: z.string().optional(),
  jwks_uri: z.string().optional(),
  code_challenge_methods_supported: z.array(z.string()).optional(),
  client_id_metadata_document_supported: z.boolean().optional(),
});

type ServerMetadata = z.infer<typeof serverSchema>;

/** Checks the authorization server that the metadata names (RFC 8414, OpenID Connect Discovery). */
export async function checkAuthorizationServer(identifier: string): Promise<Finding[]> {
  const url = URL.parse(identifier);
  // "idp.example.com:8443" is a URL too, but its scheme is "idp.example.com".
  const places = url && /^https?:$/.test(url.protocol) ? discoveryUrls(url) : [];
  for (const place of places) {
    const answer = await attempt(place, { headers: { accept: 'application/json' } });
    const { data } = serverSchema.safeParse(answer?.status === 200 ? answer.json : undefined);
    if (data) return [...checkServer(identifier, data), ...(await checkKeys(data.jwks_uri))];
  }
  return [
    error('authorization_server_missing', {
      problem: `The authorization server ${identifier} has no metadata at ${places.map(({ href }) => href).join(', ') || 'its address, which is not an https URL'}.`,
      remedy: 'Check "authorization_servers" in the metadata, and that the authorization server runs.',
      clients: ALL_CLIENTS,
    }),
  ];
}

/** Checks that old clients, which look for the metadata at the server itself, find it there. */
export async function checkMirror(url: URL): Promise<Finding[]> {
  const mirror = new URL('/.well-known/oauth-authorization-server', url);
  const answer = await attempt(mirror, { headers: { accept: 'application/json' } });
  if (answer && (answer.status === 200 || isRedirect(answer))) return [];
  return [
    warning('no_mirror', {
      problem: `${mirror.href} does not lead to the authorization server (${answer ? `HTTP ${answer.status}` : 'no response'}).`,
      remedy: 'Redirect it to the metadata of the authorization server.',
      clients: ['Amazon Q', 'clients of MCP 2025-03-26'],
    }),
  ];
}

/** URLs at which clients look for the metadata, in their order. */
function discoveryUrls({ origin, pathname }: URL): URL[] {
  const path = withoutSlash(pathname);
  const places = [
    `/.well-known/oauth-authorization-server${path}`,
    `/.well-known/openid-configuration${path}`,
    `${path}/.well-known/openid-configuration`,
  ];
  return [...new Set(places)].map((place) => new URL(place, origin));
}

function checkServer(identifier: string, server: ServerMetadata): Finding[] {
  return [
    ...checkIssuer(identifier, server.issuer),
    ...checkEndpoints(server),
    ...(server.code_challenge_methods_supported?.includes('S256') === true
      ? []
      : [
          error('no_pkce', {
            problem:
              'The authorization server does not announce PKCE with S256 (code_challenge_methods_supported).',
            remedy: 'Enable PKCE at the authorization server. Clients refuse to sign in without it.',
            clients: ALL_CLIENTS,
          }),
        ]),
    ...(server.registration_endpoint !== undefined || server.client_id_metadata_document_supported === true
      ? []
      : [
          error('no_registration', {
            problem:
              'Clients cannot register: there is neither dynamic registration nor support of client ID metadata documents.',
            remedy:
              'Enable one of them at the authorization server, or give each client a client ID of its own.',
            clients: ['Claude', 'ChatGPT', 'Cursor', 'VS Code', 'Gemini CLI'],
          }),
        ]),
  ];
}

function checkIssuer(identifier: string, issuer: string | undefined): Finding[] {
  if (issuer === identifier) return [];
  return [
    error('wrong_issuer', {
      problem: `The metadata of the authorization server is of the issuer ${issuer ?? '(none)'}, not of ${identifier}.`,
      remedy: 'Name exactly this issuer in "authorization_servers", or correct "issuer" (RFC 8414 §3.3).',
      clients: ['clients of the official SDKs', 'VS Code'],
    }),
  ];
}

function checkEndpoints({ authorization_endpoint, token_endpoint }: ServerMetadata): Finding[] {
  return Object.entries({ authorization_endpoint, token_endpoint }).flatMap(([name, endpoint]) => {
    const url = endpoint === undefined ? null : URL.parse(endpoint);
    if (url?.protocol === 'https:' || (url && LOOPBACK_HOSTS.includes(url.hostname))) return [];
    return [
      error('authorization_server_incomplete', {
        problem: `The authorization server has no ${name} with https (${endpoint ?? 'none'}).`,
        remedy: `Correct ${name} in its metadata.`,
        clients: ALL_CLIENTS,
      }),
    ];
  });
}
