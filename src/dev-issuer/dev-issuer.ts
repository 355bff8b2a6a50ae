import { randomBytes } from 'node:crypto';
import type { Provider } from 'oidc-provider';
import { signDirectToken } from './direct-token.js';
import { IssuerServer } from './http/issuer-server.js';
import { recordRequest, type RequestRecord } from './http/request-record.js';
import { RequestHandler } from './http/request-handler.js';
import { IssuerUrls, type TokenIssuer } from './issuer-urls.js';
import { OidcStore } from './oidc-store.js';
import { DEV_RESOURCE_ID } from '../config/dev-resource-id.js';
import type { ProtectedResource } from './protected-resource.js';
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
  /** Where to listen; 0 takes any free port. */
  port: number;
  /** The address to listen on; default 127.0.0.1. It has no passwords: any other only behind a proxy of yours. */
  listenHost?: string;
  /** Where it is found through a proxy, e.g. https://issuer.localhost; default http://localhost:PORT. */
  publicUrl?: string;
  /** The protected resource (RFC 8707) that tokens are for, e.g. http://localhost:3002/mcp */
  resourceUrl: string;
  /** `res_…`; default {@link DEV_RESOURCE_ID}. */
  resourceId?: string;
  /** The scopes the resource knows, asked on each request because the application compiles them at start. */
  scopes: () => readonly string[];
  /**
   * Folder (created with mode 700) that keeps the signing key (mode 600) and the dynamically registered clients
   * over restarts; absent: memory only.
   */
  stateDirectory?: string;
  /** Which of Scalekit's two issuers tokens carry: '{env}' or '{env}/resources/{res}'. Default 'environment'. */
  tokenIssuer?: TokenIssuer;
  /** Default 3600. */
  accessTokenLifetimeSeconds?: number;
  /** Client ID metadata documents served from memory instead of the network (tests). */
  clientMetadataDocuments?: Readonly<Record<string, object>>;
  /** Whether what clients name may be fetched from this machine and private networks (tests). Default false. */
  allowPrivateClientAddresses?: boolean;
  /** Told of faults of the issuer itself; a client sees no more of them than `server_error`. */
  onServerError?: (error: Error) => void;
  /** Told of each request once it has ended. */
  onRequest?: (record: RequestRecord) => void;
}

/** A token to sign directly, for tests. */
export interface SignAccessTokenRequest {
  /** Login name of a demo user; default alice. */
  user?: string;
  /** Default: every scope of the resource that the user may have. */
  scope?: string;
  /** Override claims; undefined removes one. */
  claims?: Record<string, unknown>;
  /** Override members of the protected header; undefined removes one. */
  header?: Record<string, unknown>;
  /** Default: the issuer's access token lifetime. Negative makes an expired token. */
  expiresInSeconds?: number;
}

/** A running development issuer. */
export interface DevIssuer {
  /** `{env}`: http://localhost:PORT, or where the public URL is */
  readonly url: string;
  /** `{env}/resources/{res}` */
  readonly resourceIssuer: string;
  /** "METHOD /path" of each request served so far (path only, no query). */
  readonly requests: readonly string[];
  /** Replaces the signing key: the old one is no longer in the JWKS. */
  rotateKeys(): Promise<void>;
  /** Refuses connections from now on (listening socket closed, open connections destroyed), until comeBack(). */
  goDown(): Promise<void>;
  comeBack(): Promise<void>;
  setTokenIssuer(which: TokenIssuer): void;
  /** Signs an access token of Scalekit's shape directly, without a flow. */
  signAccessToken(request: SignAccessTokenRequest): Promise<string>;
  close(): Promise<void>;
}

/**
 * Starts an authorization server for development and tests that looks like Scalekit from outside: the same
 * endpoints, metadata (RFC 8414) and access tokens. It has no passwords, so it listens on loopback unless told
 * otherwise.
 *
 * @throws the listening socket's error, with code EADDRINUSE where the port is taken.
 */
export async function startDevIssuer(options: DevIssuerOptions): Promise<DevIssuer> {
  const directory = options.stateDirectory ? await StateDirectory.open(options.stateDirectory) : undefined;
  const key = directory ? await loadSigningKey(directory) : await generateSigningKey();
  const store = new OidcStore(await RegisteredClients.load(directory));
  const server = new IssuerServer(options.listenHost ?? LOOPBACK_ADDRESS);
  await server.listen(options.port);
  return new EmbeddedIssuer(options, { directory, key, store, server });
}

/**
 * Reads what an issuer would read when it starts. Changes nothing.
 *
 * @throws when the start would throw
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
  readonly #resource: ProtectedResource;
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
    this.#resource = { id, url: options.resourceUrl, scopes: options.scopes };
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
