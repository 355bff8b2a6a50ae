import type { EventEmitter } from 'node:events';
import {
  type Configuration,
  errors,
  interactionPolicy,
  type KoaContextWithOIDC,
  Provider,
} from 'oidc-provider';
import { ACCESS_TOKEN_TYPE } from './access-token.js';
import { TOKEN_ENDPOINT_AUTH_METHODS } from './authorization-server-metadata.js';
import { loopbackNamesOf } from '../values/loopback.js';
import { adaptClientMetadata, metadataDocumentFetch } from './client-metadata.js';
import { nameEnvironment, OF_ENVIRONMENT } from './environment-response.js';
import { noteOutcome, type RequestOutcome, type SignedIn } from './http/request-record.js';
import { newIdentifier } from './identifiers.js';
import { issuedTokenClaims } from './issued-token.js';
import type { IssuerUrls, TokenIssuer } from './issuer-urls.js';
import { DEMO_MACHINE_CLIENT, findMachineClient } from './machine-clients.js';
import type { OidcStore } from './oidc-store.js';
import { publicFetch } from './public-fetch.js';
import type { TargetResource } from './target-resource.js';
import { OIDC_SCOPES } from './scopes.js';
import { errorPage } from './sign-in/error-page.js';
import { PAGE_HEADERS } from './sign-in/page.js';
import { showReturn } from './sign-in/show-return.js';
import type { SigningKey } from './signing-key.js';
import { findUserById } from './users.js';

/** Settings of a Provider. They stay the same for the lifetime of the issuer; only the key changes. */
export interface ProviderSettings {
  readonly urls: IssuerUrls;
  readonly resource: TargetResource;
  readonly store: OidcStore;
  readonly cookieKey: string;
  readonly accessTokenLifetimeSeconds: number;
  readonly clientMetadataDocuments: Readonly<Record<string, object>>;
  /** Only for tests. */
  readonly allowPrivateClientAddresses: boolean;
  /** Returns the issuer of new tokens. Called for each token, because tests change it. */
  readonly tokenIssuer: () => TokenIssuer;
  readonly onServerError: (error: Error) => void;
}

const MINUTE = 60;
const DAY = 24 * 60 * MINUTE;

/** Creates the OAuth engine: an `oidc-provider` that signs with the given key and behaves like Scalekit. */
export function createProvider(settings: ProviderSettings, key: SigningKey): Provider {
  const provider = new Provider(settings.urls.resourceIssuer, {
    adapter: settings.store.adapterFor,
    jwks: { keys: [key] },
    routes: {
      authorization: '/oauth/authorize',
      token: '/oauth/token',
      revocation: '/oauth/revoke',
      registration: '/oauth/register',
      jwks: '/keys',
    },
    cookies: {
      keys: [settings.cookieKey],
      names: { session: 'aerie_dev_session', interaction: 'aerie_dev_sign_in', resume: 'aerie_dev_resume' },
    },
    ttl: {
      AccessToken: settings.accessTokenLifetimeSeconds,
      ClientCredentials: settings.accessTokenLifetimeSeconds,
      AuthorizationCode: MINUTE,
      IdToken: 60 * MINUTE,
      Interaction: 60 * MINUTE,
      Grant: 14 * DAY,
      RefreshToken: 14 * DAY,
      Session: DAY,
    },
    ...clientConfiguration(),
    ...userConfiguration(settings),
    features: features(settings),
    responseTypes: ['code'],
    extraParams: [OF_ENVIRONMENT],
    pkce: { required: () => true },
    // Clients that registered for refresh tokens expect one even without offline_access.
    issueRefreshToken: (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    expiresWithSession: () => false, // each sign-in has its own session, which cannot be ended
    rotateRefreshToken: true,
    clientBasedCORS: () => true,
    fetch: metadataDocumentFetch(
      settings.clientMetadataDocuments,
      publicFetch({ allowPrivateAddresses: settings.allowPrivateClientAddresses }),
    ),
    formats: {
      customizers: {
        jwt: (_ctx, token, jwt) => {
          jwt.header = { ...jwt.header, typ: ACCESS_TOKEN_TYPE };
          jwt.payload = issuedTokenClaims(token, jwt.payload, {
            issuer: settings.urls.tokenIssuer(settings.tokenIssuer()),
            resourceId: settings.resource.id,
          });
        },
      },
    },
  });
  provider.proxy = true; // the request handler sets the forwarded headers, not the client
  provider.on('server_error', (_ctx, error) => settings.onServerError(error));
  provider.use(showReturn);
  provider.use(nameEnvironment(settings.urls));
  const application: EventEmitter = provider; // the Provider type declares only OAuth events, not Koa's own
  application.on('error', settings.onServerError);
  for (const event of ENDPOINT_EVENTS) {
    application.on(event, (ctx: KoaContextWithOIDC, subject: unknown) => {
      const issuer = settings.urls.environment;
      const signedIn = event === 'grant.success' ? signedInBy(ctx, issuer) : undefined;
      const refused = SIGN_IN_ERRORS.has(event) ? { issuer, clientId: ctx.oidc.client?.clientId } : undefined;
      noteOutcome(ctx.res, { clientId: clientIdOf(ctx), signedIn, refused, ...refusalOf(subject) });
    });
  }
  return provider;
}

/** Events at the end of a request. For some, the last argument is the error. */
const ENDPOINT_EVENTS = [
  'interaction.started',
  'authorization.success',
  'authorization.error',
  'grant.success',
  'grant.error',
  'registration_create.success',
  'registration_create.error',
  'revocation.error',
];

/** Events of refused sign-ins and tokens. */
const SIGN_IN_ERRORS: ReadonlySet<string> = new Set(['authorization.error', 'grant.error']);

function clientIdOf({ oidc }: KoaContextWithOIDC): string | undefined {
  const named = oidc.params?.['client_id'];
  return oidc.client?.clientId ?? (typeof named === 'string' ? named : undefined);
}

/** Returns who gets a token by a new sign-in; undefined for a refreshed token. */
function signedInBy({ oidc }: KoaContextWithOIDC, issuer: string): SignedIn | undefined {
  const { AccessToken: person, ClientCredentials: machine } = oidc.entities;
  if (machine) {
    const organizationId = findMachineClient(machine.clientId)?.organizationId;
    return { issuer, subject: machine.clientId, organizationId };
  }
  if (!person || oidc.params?.['grant_type'] !== 'authorization_code') return undefined;
  return {
    issuer,
    subject: person.accountId,
    organizationId: findUserById(person.accountId)?.organization.id,
  };
}

/**
 * Returns the reason of a refusal. Only for an invalid grant it includes the detail, which is a fixed text with the
 * actual reason. Other details may quote the request.
 */
function refusalOf(subject: unknown): RequestOutcome {
  if (!(subject instanceof errors.OIDCProviderError)) return {};
  const { error, error_description: description, error_detail: detail } = subject;
  const isGrant = subject instanceof errors.InvalidGrant;
  return { error, errorDescription: isGrant ? (detail ?? description) : description };
}

function clientConfiguration(): Configuration {
  return {
    clientAuthMethods: [...TOKEN_ENDPOINT_AUTH_METHODS],
    clientDefaults: { grant_types: ['authorization_code', 'refresh_token'] },
    clients: [
      {
        client_id: DEMO_MACHINE_CLIENT.clientId,
        client_secret: DEMO_MACHINE_CLIENT.clientSecret,
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
        // @scalekit-sdk/node sends its credentials this way.
        token_endpoint_auth_method: 'client_secret_post',
      },
    ],
    extraClientMetadata: {
      properties: ['application_type'],
      validator: (_ctx, _name, _value, metadata) => adaptClientMetadata(metadata),
    },
  };
}

function userConfiguration({ urls }: ProviderSettings): Configuration {
  const policy = interactionPolicy.base();
  // Most MCP clients are native, and prompt=none must work for them too.
  const consentChecks = policy.get('consent')?.checks;
  consentChecks?.remove('native_client_prompt');
  return {
    scopes: OIDC_SCOPES,
    claims: { openid: ['sub', 'oid'], email: ['email', 'email_verified'], profile: ['name'] },
    interactions: { policy, url: (_ctx, interaction) => `${urls.signInPath}/${interaction.uid}` },
    findAccount: (_ctx, id) => {
      const user = findUserById(id);
      if (!user) return undefined;
      const { name, email, organization } = user;
      const claims = { sub: id, oid: organization.id, name, email, email_verified: true };
      return { accountId: id, claims: () => claims };
    },
    renderError: (ctx, { error, error_description: description }) => {
      ctx.set(PAGE_HEADERS);
      ctx.body = errorPage(error, description).text;
    },
  };
}

function features({ resource }: ProviderSettings): Configuration['features'] {
  return {
    devInteractions: { enabled: false },
    dPoP: { enabled: false },
    pushedAuthorizationRequests: { enabled: false },
    rpInitiatedLogout: { enabled: false },
    userinfo: { enabled: false },
    clientCredentials: { enabled: true },
    clientIdMetadataDocument: { enabled: true, ack: 'draft-02', cacheDuration: { min: 5, max: 5 * MINUTE } },
    registration: {
      enabled: true,
      idFactory: () => newIdentifier('m2m'),
      issueRegistrationAccessToken: false,
    },
    revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => resource.url,
      useGrantedResource: () => true,
      getResourceServerInfo: (_ctx, indicator, client) => {
        if (!loopbackNamesOf(resource.url).includes(indicator)) {
          throw new errors.InvalidTarget('this server protects another resource');
        }
        const scopes = findMachineClient(client.clientId)?.scopes ?? [...OIDC_SCOPES, ...resource.scopes()];
        return {
          scope: scopes.join(' '),
          audience: indicator,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'RS256' } },
        };
      },
    },
  };
}
