import { Inject, Injectable, Logger } from '@nestjs/common';

import { CONFIGURATION, type Configuration } from '../config/configuration.js';
import { underLoopbackName } from '../config/loopback.js';
import type { ProtectedResourceMetadata } from '../config/protected-resource-metadata.js';
import type { AuthError } from './auth-errors.js';
import { challenge } from './challenge.js';

/** The scopes that what is on offer speaks of. */
export interface DeclaredScopes {
  readonly published: readonly string[];
  /** Only of what nobody may know of without them. */
  readonly secret: readonly string[];
  /** Of the published ones, those that a first sign-in asks for. */
  readonly basic: readonly string[];
}

/** What a sign-in may ask for besides the scopes of tools (OpenID Connect Core §5.4, §11). */
const SIGN_IN_ONLY = new Set(['openid', 'profile', 'email', 'offline_access']);

/** This server as OAuth sees it: what its metadata says and what its challenges ask for. */
@Injectable()
export class ProtectedResource {
  readonly #logger = new Logger(ProtectedResource.name);
  #signInScopes: readonly string[];
  #metadata: ProtectedResourceMetadata;
  #grantable: readonly string[];

  constructor(@Inject(CONFIGURATION) private readonly configuration: Configuration) {
    this.#metadata = configuration.resource.metadata;
    this.#grantable = this.configuredScopes;
    this.#signInScopes = configuration.resource.signInScopes ?? [];
  }

  /**
   * Tells which scopes exist, so that a metadata document that does not list any can; a configured list
   * stands, and where it differs, the log says so. Called once at start-up by what knows the scopes.
   */
  declareScopes({ published: declared, secret, basic }: DeclaredScopes): void {
    const { resource, scalekit, jwt } = this.configuration;
    const { metadata } = resource;
    // An authorization server is asked for what tools need, and need not know what only own keys grant.
    const required = scalekit ? [] : (jwt?.requiredScopes ?? []);
    const published = [...new Set([...declared, ...required])].toSorted();
    this.#metadata = Object.freeze({
      ...metadata,
      scopes_supported: metadata.scopes_supported ?? published,
    });
    this.#grantable = [...new Set([...this.configuredScopes, ...published, ...secret])].toSorted();
    this.#signInScopes = resource.signInScopes ?? this.#leastOf([...basic, ...required]);
    if (metadata.scopes_supported) this.#compare(metadata.scopes_supported, published, secret);
  }

  /** The scopes that the configuration names as such, whoever needs them. */
  get configuredScopes(): readonly string[] {
    const { resource, jwt } = this.configuration;
    return [
      ...(resource.metadata.scopes_supported ?? []),
      ...(resource.signInScopes ?? []),
      ...(jwt?.requiredScopes ?? []),
    ];
  }

  /** The protected resource metadata document (RFC 9728 §2), with the URL that the configuration gives. */
  get metadata(): ProtectedResourceMetadata {
    return this.#metadata;
  }

  /** What a client without a token is asked to sign in for. */
  get signInScopes(): readonly string[] {
    return this.#signInScopes;
  }

  /** Every scope that means something here, those that are not published included. */
  get grantableScopes(): readonly string[] {
    return this.#grantable;
  }

  /**
   * The metadata document for a client that sent this Host header. Clients refuse a document whose `resource` is not
   * the URL they were given, so in development a resource on this machine has the name that was asked for.
   */
  metadataFor(host: string | undefined): ProtectedResourceMetadata {
    const resource = this.#asAsked(this.#metadata.resource, host);
    return resource === this.#metadata.resource ? this.#metadata : { ...this.#metadata, resource };
  }

  /**
   * The value of `WWW-Authenticate` for a refused request.
   *
   * @param host the request's Host header, where there is a request
   */
  challengeFor(error: AuthError, host?: string): string {
    return challenge(error, {
      resourceMetadataUrl: this.#asAsked(this.configuration.resource.metadataUrl, host),
      signInScopes: this.signInScopes,
    });
  }

  /** In production, URLs come from the configuration alone. */
  #asAsked(url: string, host: string | undefined): string {
    return this.configuration.production ? url : underLoopbackName(url, host);
  }

  /** Without those that include others, and those that the authorization server is not said to know. */
  #leastOf(scopes: readonly string[]): readonly string[] {
    const { scopeHierarchy } = this.configuration;
    const supported = this.#metadata.scopes_supported ?? [];
    const least = scopes.filter((scope) => supported.includes(scope) && !scopeHierarchy.isBroad(scope));
    return [...new Set(least)].toSorted();
  }

  #compare(listed: readonly string[], published: readonly string[], secret: readonly string[]): void {
    const { scopeHierarchy, jwt } = this.configuration;
    const meant = [...published, ...secret, ...scopeHierarchy.names, ...(jwt?.requiredScopes ?? [])];
    const missing = published.filter((scope) => !listed.includes(scope));
    const idle = listed.filter((scope) => !meant.includes(scope) && !SIGN_IN_ONLY.has(scope));
    if (missing.length > 0) {
      this.#logger.warn(
        `The configured metadata's scopes_supported lacks ${missing.join(' ')}: clients do not ask for them at the first sign-in.`,
      );
    }
    if (idle.length > 0) {
      this.#logger.warn(
        `The configured metadata's scopes_supported has ${idle.join(' ')}, which nothing here needs.`,
      );
    }
  }
}
