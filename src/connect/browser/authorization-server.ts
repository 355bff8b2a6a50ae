import type { PageSettings } from '../page-settings.js';
import { isJson, type Json, readJson, textOf } from './json.js';
import { NeedsAdministrator } from './problem.js';

/** Authorization server, as its metadata describes it (RFC 8414 §2). */
export interface AuthorizationServer {
  readonly issuer: string;
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  readonly registrationEndpoint: string | undefined;
  readonly acceptsDocuments: boolean;
  readonly sendsIssuer: boolean;
}

/** URL that the authorization server redirects back to. */
export const redirectUri = ({ endpoint }: PageSettings): string => endpoint;

/** Reads the metadata of the authorization server. */
export async function discover(settings: PageSettings): Promise<AuthorizationServer> {
  const { issuer = '', metadataUrl = '' } = settings;
  const metadata = await fetch(metadataUrl).then(readJson, () => {
    throw unreachable(settings, `This browser cannot read ${metadataUrl}.`);
  });
  if (textOf(metadata, 'issuer') !== issuer) {
    throw new Error(
      `The metadata at ${metadataUrl} belongs to another issuer. Ask the operator of this server.`,
    );
  }
  return {
    issuer,
    authorizationEndpoint: required(metadata, 'authorization_endpoint'),
    tokenEndpoint: required(metadata, 'token_endpoint'),
    registrationEndpoint: textOf(metadata, 'registration_endpoint'),
    acceptsDocuments: metadata['client_id_metadata_document_supported'] === true,
    sendsIssuer: metadata['authorization_response_iss_parameter_supported'] === true,
  };
}

/** Returns the client id of this page: the configured one, its metadata document, or a new registration (RFC 7591). */
export async function clientIdAt(server: AuthorizationServer, settings: PageSettings): Promise<string> {
  if (settings.clientId !== undefined) return settings.clientId;
  if (server.acceptsDocuments && settings.documentUrl !== undefined) return settings.documentUrl;
  const { registrationEndpoint, issuer } = server;
  if (registrationEndpoint === undefined) {
    throw unreachable(settings, `${issuer} lets no client register itself.`);
  }
  const key = registrationKey(registrationEndpoint, settings);
  const known = sessionStorage.getItem(key);
  if (known !== null) return known;
  const registered = await register(registrationEndpoint, settings);
  sessionStorage.setItem(key, registered);
  return registered;
}

/** Forgets the registration of this page, so that the next sign-in registers again. */
export function forgetRegistration(
  { registrationEndpoint = '' }: AuthorizationServer,
  settings: PageSettings,
): void {
  sessionStorage.removeItem(registrationKey(registrationEndpoint, settings));
}

/** Pages of several endpoints of one origin share the storage. Each registers its own redirect URI. */
const registrationKey = (registrationEndpoint: string, settings: PageSettings): string =>
  `${registrationEndpoint} ${redirectUri(settings)}`;

async function register(endpoint: string, settings: PageSettings): Promise<string> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({
      client_name: settings.clientName,
      redirect_uris: [redirectUri(settings)],
      grant_types: ['authorization_code'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    }),
  }).catch(() => undefined);
  const body: unknown = await response?.json().catch(() => undefined);
  const clientId = response?.ok && isJson(body) ? textOf(body, 'client_id') : undefined;
  if (clientId !== undefined) return clientId;
  const reason = isJson(body) ? textOf(body, 'error_description') : undefined;
  throw unreachable(settings, reason ?? `This browser cannot register at ${endpoint}.`);
}

/** Returns an error that tells an administrator how to register this page. */
function unreachable(settings: PageSettings, reason: string): NeedsAdministrator {
  return new NeedsAdministrator(
    `${reason} An administrator must allow this page: register a public client at the authorization server, set CONNECT_CLIENT_ID to its id, and let the origin of this page read the metadata and the token endpoint (CORS).`,
    [
      `Client name   ${settings.clientName}`,
      `Redirect URI  ${redirectUri(settings)}`,
      'Client type   public, PKCE with S256, no secret',
      `Origin        ${location.origin}`,
    ].join('\n'),
  );
}

function required(metadata: Json, member: string): string {
  const value = textOf(metadata, member);
  if (value !== undefined && /^https?:$/.test(URL.parse(value)?.protocol ?? '')) return value;
  throw new Error(`The metadata of the authorization server has no valid ${member}.`);
}
