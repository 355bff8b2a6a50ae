import { randomBytes } from 'node:crypto';
import type { Provider } from 'oidc-provider';
import { signDirectToken } from './direct-token.js';
import { IssuerServer } from './issuer-server.js';
import { recordRequest, type RequestRecord } from './http/request-record.js';
import { RequestHandler } from './request-handler.js';
import { IssuerUrls, type TokenIssuer } from './issuer-urls.js';
import { OidcStore } from './oidc-store.js';
import { DEV_RESOURCE_ID } from '../config/dev-resource-id.js';
import type { TargetResource } from './target-resource.js';
import { createProvider, type ProviderSettings } from './provider.js';
import { RegisteredClients } from './registered-clients.js';
import {
  generateSigningKey,
  loadSigningKey,
  readSigningKey,
  replaceSigningKey,
  type SigningKey,
} from './signing-key.js';
import { StateDirectory } from './state-directory.js';
import { requireUser } from './users.js';

export const LOOPBACK_ADDRESS = '127.0.0.1';
const DEFAULT_TOKEN_LIFETIME_SECONDS = 3600;

export interface DevIssuerOptions {
  /** Port to listen on; 0 selects a free port. */
  port: number;
  /** Address to listen on. Default: 127.0.0.1. There are no passwords, so use any other only behind your own proxy. */
  listenHost?: string;
  /** Public URL behind a proxy, e.g. https://issuer.localhost. Default: http://localhost:PORT. */
  publicUrl?: string;
  /** URL of the protected resource (RFC 8707) that tokens are for, e.g. http://localhost:3002/mcp */
  resourceUrl: string;
  /** `res_…` id of the resource. Default: {@link DEV_RESOURCE_ID}. */
  resourceId?: string;
  /** Returns the resource's scopes. Called for each request, because the application compiles its scopes at startup. */
  scopes: () => readonly string[];
  /** Returns the titles of the tools that need a scope, for the sign-in page. Default: none. */
  usesOf?: (scope: string) => readonly string[];
  /**
   * Directory (created with mode 700) that keeps the signing key (mode 600) and the dynamically registered clients across
   * restarts. Default: memory only.
   */
  stateDirectory?: string;
  /** Key to use if none is stored. Default: a new one. Tests that start many issuers save a tenth of a second each. */
  signingKey?: SigningKey;
  /** Issuer in tokens: '{env}' (`environment`) or '{env}/resources/{res}' (`resource`). Default: 'environment'. */
  tokenIssuer?: TokenIssuer;
  /** Default: 3600. */
  accessTokenLifetimeSeconds?: number;
  /** Client ID metadata documents to serve from memory instead of the network, for tests. */
  clientMetadataDocuments?: Readonly<Record<string, object>>;
  /** Allows fetching client URLs from this machine and private networks, for tests. Default: false. */
  allowPrivateClientAddresses?: boolean;
  /** Called for internal errors of the issuer. Clients see only `server_error`. */
  onServerError?: (error: Error) => void;
  /** Called for each request when it ends. */
  onRequest?: (record: RequestRecord) => void;
}

/** Request to sign a token directly, for tests. */
export interface SignAccessTokenRequest {
  /** Login name of a demo user. Default: alice. */
  user?: string;
  /** Default: every scope of the resource that the user may have. */
  scope?: string;
  /** Overrides claims; undefined removes a claim. */
  claims?: Record<string, unknown>;
  /** Overrides members of the protected header; undefined removes a member. */
  header?: Record<string, unknown>;
  /** Default: the issuer's access token lifetime. A negative value creates an expired token. */
  expiresInSeconds?: number;
}

/** Running development issuer. */
export interface DevIssuer {
  /** `{env}`: http://localhost:PORT or the public URL */
  readonly url: string;
  /** `res_…` id of the resource */
  readonly resourceId: string;
  /** `{env}/resources/{res}` */
  readonly resourceIssuer: string;
  /** "METHOD /path" of the latest requests, without the query. */
  readonly requests: readonly string[];
  /** Replaces the signing key and removes the old one from the JWKS. */
  rotateKeys(): Promise<void>;
  /** Closes the listening socket and all open connections, until comeBack(). */
  goDown(): Promise<void>;
  comeBack(): Promise<void>;
  setTokenIssuer(which: TokenIssuer): void;
  /** Signs an access token in Scalekit's format directly, without a flow. */
  signAccessToken(request: SignAccessTokenRequest): Promise<string>;
  close(): Promise<void>;
}

/**
 * Starts an authorization server for development and tests that behaves like Scalekit: the same endpoints, metadata
 * (RFC 8414) and access tokens. It has no passwords, so it listens on loopback by default.
 *
 * @throws the listening socket's error, with code EADDRINUSE when the port is in use
 */
export async function startDevIssuer(options: DevIssuerOptions): Promise<DevIssuer> {
  const directory = options.stateDirectory ? await StateDirectory.open(options.stateDirectory) : undefined;
  const key = await (directory
    ? loadSigningKey(directory, options.signingKey)
    : (options.signingKey ?? generateSigningKey()));
  const store = new OidcStore(await RegisteredClients.load(directory));
  const server = new IssuerServer(options.listenHost ?? LOOPBACK_ADDRESS);
  await server.listen(options.port);
  return new EmbeddedIssuer(options, { directory, key, store, server });
}

/**
 * Reads the state that an issuer reads at startup, without changing it.
 *
 * @throws {Error} when startup would fail
 */
export async function checkState(stateDirectory: string): Promise<void> {
  const directory = StateDirectory.at(stateDirectory);
  await readSigningKey(directory);
  await RegisteredClients.load(directory);
}

interface IssuerParts {
  readonly directory: StateDirectory | undefined;
  readonly key: SigningKey;
  readonly store: OidcStore;
  readonly server: IssuerServer;
}

class EmbeddedIssuer implements DevIssuer {
  readonly #directory: StateDirectory | undefined;
  readonly #server: IssuerServer;
  readonly #urls: IssuerUrls;
  readonly #resource: TargetResource;
  readonly #settings: ProviderSettings;
  #key: SigningKey;
  #provider: Provider;
  #tokenIssuer: TokenIssuer;

  constructor(options: DevIssuerOptions, { directory, key, store, server }: IssuerParts) {
    const id = options.resourceId ?? DEV_RESOURCE_ID;
    this.#directory = directory;
    this.#server = server;
    this.#key = key;
    this.#tokenIssuer = options.tokenIssuer ?? 'environment';
    this.#urls = new IssuerUrls(server.port, id, options.publicUrl);
    this.#resource = {
      id,
      url: options.resourceUrl,
      scopes: options.scopes,
      usesOf: options.usesOf ?? (() => []),
    };
    this.#settings = {
      urls: this.#urls,
      resource: this.#resource,
      store,
      cookieKey: randomBytes(32).toString('hex'),
      accessTokenLifetimeSeconds: options.accessTokenLifetimeSeconds ?? DEFAULT_TOKEN_LIFETIME_SECONDS,
      clientMetadataDocuments: options.clientMetadataDocuments ?? {},
      allowPrivateClientAddresses: options.allowPrivateClientAddresses ?? false,
      tokenIssuer: () => this.#tokenIssuer,
      onServerError: options.onServerError ?? (() => undefined),
    };
    this.#provider = createProvider(this.#settings, key);
    const handler = new RequestHandler({ ...this.#settings, provider: () => this.#provider });
    const { onRequest } = options;
    server.serve((req, res) => {
      if (onRequest) recordRequest(req, res, onRequest);
      return handler.handle(req, res);
    });
  }

  get url(): string {
    return this.#urls.environment;
  }

  get resourceId(): string {
    return this.#resource.id;
  }

  get resourceIssuer(): string {
    return this.#urls.resourceIssuer;
  }

  get requests(): readonly string[] {
    return this.#server.requests;
  }

  async rotateKeys(): Promise<void> {
    const key = await generateSigningKey();
    if (this.#directory) await replaceSigningKey(this.#directory, key);
    this.#key = key;
    this.#provider = createProvider(this.#settings, key);
  }

  goDown(): Promise<void> {
    return this.#server.close();
  }

  comeBack(): Promise<void> {
    return this.#server.listen(this.#server.port);
  }

  setTokenIssuer(which: TokenIssuer): void {
    this.#tokenIssuer = which;
  }

  async signAccessToken(request: SignAccessTokenRequest): Promise<string> {
    const user = requireUser(request.user ?? 'alice');
    const mayHave = this.#resource.scopes().filter((scope) => user.mayHave(scope));
    return signDirectToken({
      key: this.#key,
      issuer: this.#urls.tokenIssuer(this.#tokenIssuer),
      resourceUrl: this.#resource.url,
      resourceId: this.#resource.id,
      user: user.login,
      scope: request.scope ?? mayHave.join(' '),
      expiresInSeconds: request.expiresInSeconds ?? this.#settings.accessTokenLifetimeSeconds,
      claims: request.claims,
      header: request.header,
    });
  }

  close(): Promise<void> {
    return this.#server.close();
  }
}
