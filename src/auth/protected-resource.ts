import { Inject, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';

import { closestName } from '../config/closest-name.js';
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
export class ProtectedResource implements OnApplicationBootstrap {
  readonly #logger = new Logger(ProtectedResource.name);
  #signInScopes: readonly string[];
  #metadata: ProtectedResourceMetadata;
  #grantable: readonly string[];
  #declared: DeclaredScopes = { published: [], secret: [], basic: [] };

  constructor(@Inject(CONFIGURATION) private readonly configuration: Configuration) {
    this.#metadata = configuration.resource.metadata;
    this.#grantable = this.configuredScopes;
    this.#signInScopes = configuration.resource.signInScopes ?? [];
  }

  /**
   * Tells which scopes exist, so that a metadata document that does not list any can; a configured list
   * stands. Called by what knows the scopes, whenever they change.
   */
  declareScopes(scopes: DeclaredScopes): void {
    this.#declared = scopes;
    const { published: declared, secret, basic } = scopes;
    const { resource, scalekit } = this.configuration;
    const { metadata } = resource;
    // An authorization server is asked for what tools need, and need not know what only own keys grant.
    const required = scalekit ? [] : this.#requiredScopes;
    const published = [...new Set([...declared, ...required])].toSorted();
    this.#metadata = Object.freeze({
      ...metadata,
      scopes_supported: metadata.scopes_supported ?? published,
    });
    this.#grantable = [...new Set([...this.configuredScopes, ...published, ...secret])].toSorted();
    this.#signInScopes = resource.signInScopes ?? this.#leastOf([...basic, ...required]);
  }

  /** Warns of configured scopes that differ from the declared ones, now that these are complete. */
  onApplicationBootstrap(): void {
    const { scopes_supported: listed } = this.configuration.resource.metadata;
    if (listed) this.#compareList(listed);
    this.#checkSignInScopes();
  }

  /** The scopes that the configuration names as such, whoever needs them. */
  get configuredScopes(): readonly string[] {
    const { resource, healthDetailsScope } = this.configuration;
    return [
      ...(resource.metadata.scopes_supported ?? []),
      ...(resource.signInScopes ?? []),
      ...this.#requiredScopes,
      ...(healthDetailsScope === undefined ? [] : [healthDetailsScope]),
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

  #compareList(listed: readonly string[]): void {
    const { published } = this.#declared;
    const { scopeHierarchy } = this.configuration;
    const required = this.configuration.scalekit ? [] : this.#requiredScopes;
    const meant = [...this.#meaningful, ...scopeHierarchy.names];
    const missing = [...new Set([...published, ...required])].filter((scope) => !listed.includes(scope));
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

  #checkSignInScopes(): void {
    const { resource, scopeHierarchy } = this.configuration;
    const listed = resource.metadata.scopes_supported ?? [];
    const known = new Set([...this.#meaningful, ...listed, ...scopeHierarchy.names, ...SIGN_IN_ONLY]);
    for (const scope of resource.signInScopes ?? []) {
      if (known.has(scope)) continue;
      const meant = closestName(scope, known);
      const hint = meant === undefined ? 'Correct it, or remove it.' : `Did you mean ${meant}?`;
      this.#logger.warn(
        `SIGN_IN_SCOPES has ${scope}, which nothing here needs: sign-ins may fail because of it. ${hint}`,
      );
    }
  }

  /** The scopes that something here needs. */
  get #meaningful(): readonly string[] {
    const { published, secret } = this.#declared;
    const { healthDetailsScope } = this.configuration;
    return [
      ...published,
      ...secret,
      ...this.#requiredScopes,
      ...(healthDetailsScope === undefined ? [] : [healthDetailsScope]),
    ];
  }

  get #requiredScopes(): readonly string[] {
    return this.configuration.jwt?.requiredScopes ?? [];
  }
}
