import { Inject, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';

import { closestName } from '../values/closest-name.js';
import { CONFIGURATION, type Configuration } from '../config/configuration.js';
import { underLoopbackName } from '../values/loopback.js';
import type { ProtectedResourceMetadata } from '../oauth/protected-resource-metadata.js';
import { SIGN_IN_ONLY } from '../oauth/sign-in-scopes.js';
import type { AuthError } from './auth-errors.js';
import { challenge } from './challenge.js';

/** Scopes that the registered tools, resources and prompts declare. */
export interface DeclaredScopes {
  readonly published: readonly string[];
  /** Scopes that only secret items declare. */
  readonly secret: readonly string[];
  /** Subset of `published` that a first sign-in requests. */
  readonly basic: readonly string[];
  /** Titles of what needs each published scope. */
  readonly uses: ReadonlyMap<string, readonly string[]>;
}

const NO_SCOPES: DeclaredScopes = { published: [], secret: [], basic: [], uses: new Map() };

/** Declared scopes, and what follows from them. */
interface Derived {
  readonly declared: DeclaredScopes;
  readonly metadata: ProtectedResourceMetadata;
  readonly grantable: readonly string[];
  readonly signInScopes: readonly string[];
}

/** OAuth protected resource: provides the metadata document and the challenges of this server. */
@Injectable()
export class ProtectedResource implements OnApplicationBootstrap {
  readonly #logger = new Logger(ProtectedResource.name);
  #routeScopes: readonly string[] = [];
  #scopes = (): DeclaredScopes => NO_SCOPES;
  /** Undefined until the first use after a change. */
  #derived: Derived | undefined;

  constructor(@Inject(CONFIGURATION) private readonly configuration: Configuration) {}

  /**
   * Updates the declared scopes, which `scopes_supported` lists unless the configuration does. The catalog calls this
   * method whenever the scopes may have changed.
   *
   * @param scopes returns the scopes; called once, when they are needed
   */
  declareScopes(scopes: () => DeclaredScopes): void {
    this.#scopes = scopes;
    this.#derived = undefined;
  }

  get #current(): Derived {
    return (this.#derived ??= this.#derive(this.#scopes()));
  }

  #derive(declared: DeclaredScopes): Derived {
    const { resource, scalekit } = this.configuration;
    const { metadata } = resource;
    // The authorization server may not know scopes that only own keys grant.
    const required = scalekit ? [] : this.#requiredScopes;
    const published = [...new Set([...declared.published, ...required])].toSorted();
    const supported = metadata.scopes_supported ?? published;
    const all = [...this.configuredScopes, ...published, ...declared.secret, ...this.#routeScopes];
    return {
      declared,
      metadata: Object.freeze({ ...metadata, scopes_supported: supported }),
      grantable: [...new Set(all)].toSorted(),
      signInScopes: resource.signInScopes ?? this.#leastOf([...declared.basic, ...required], supported),
    };
  }

  /** Adds scopes that routes of the application need. Clients of tools need none of them, so they are not published. */
  declareRouteScopes(scopes: readonly string[]): void {
    this.#routeScopes = scopes;
    this.#derived = undefined;
  }

  /** Scopes that routes of the application need. */
  get routeScopes(): readonly string[] {
    return this.#routeScopes;
  }

  /** Warns about configured scopes that differ from the declared ones, which are complete by now. */
  onApplicationBootstrap(): void {
    const { scopes_supported: listed } = this.configuration.resource.metadata;
    if (listed) this.#compareList(listed);
    this.#checkSignInScopes();
  }

  /** Scopes that the configuration names, whether or not anything declares them. */
  get configuredScopes(): readonly string[] {
    const { resource, healthDetailsScope } = this.configuration;
    return [
      ...(resource.metadata.scopes_supported ?? []),
      ...(resource.signInScopes ?? []),
      ...this.#requiredScopes,
      ...(healthDetailsScope === undefined ? [] : [healthDetailsScope]),
    ];
  }

  /** Scopes that the challenge for a client without a token requests. */
  get signInScopes(): readonly string[] {
    return this.#current.signInScopes;
  }

  /** Returns the titles of the published tools, resources and prompts that need a scope. */
  usesOf(scope: string): readonly string[] {
    return this.#current.declared.uses.get(scope) ?? [];
  }

  /** Every scope that this server uses, including unpublished ones. */
  get grantableScopes(): readonly string[] {
    return this.#current.grantable;
  }

  /**
   * Returns the metadata document for a client that sent this Host header. Clients reject a document whose `resource`
   * differs from the URL that they use. In development, a loopback resource therefore takes the requested host name.
   */
  metadataFor(host: string | undefined): ProtectedResourceMetadata {
    const { metadata } = this.#current;
    const resource = this.#asAsked(metadata.resource, host);
    return resource === metadata.resource ? metadata : { ...metadata, resource };
  }

  /**
   * Builds the `WWW-Authenticate` header of a rejected request.
   *
   * @param host Host header of the request, if there is a request
   */
  challengeFor(error: AuthError, host?: string): string {
    return challenge(error, {
      resourceMetadataUrl: this.#asAsked(this.configuration.resource.metadataUrl, host),
      signInScopes: this.signInScopes,
    });
  }

  /** Applies the requested loopback host name, except in production, where URLs come only from the configuration. */
  #asAsked(url: string, host: string | undefined): string {
    return this.configuration.production ? url : underLoopbackName(url, host);
  }

  /** Removes scopes that include others and scopes that `scopes_supported` does not list. */
  #leastOf(scopes: readonly string[], supported: readonly string[]): readonly string[] {
    const { scopeHierarchy } = this.configuration;
    const least = scopes.filter((scope) => supported.includes(scope) && !scopeHierarchy.isBroad(scope));
    return [...new Set(least)].toSorted();
  }

  #compareList(listed: readonly string[]): void {
    const { published } = this.#current.declared;
    const { scopeHierarchy } = this.configuration;
    const required = this.configuration.scalekit ? [] : this.#requiredScopes;
    const meant = [...this.#meaningful, ...scopeHierarchy.names];
    const missing = [...new Set([...published, ...required])].filter((scope) => !listed.includes(scope));
    const idle = listed.filter((scope) => !meant.includes(scope) && !SIGN_IN_ONLY.includes(scope));
    if (missing.length > 0) {
      this.#logger.warn(
        `The configured metadata's scopes_supported lacks ${missing.join(' ')}: clients do not request them at the first sign-in.`,
      );
    }
    if (idle.length > 0) {
      this.#logger.warn(
        `The configured metadata's scopes_supported has ${idle.join(' ')}, which nothing on this server needs.`,
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
        `SIGN_IN_SCOPES has ${scope}, which nothing on this server needs: sign-ins may fail because of it. ${hint}`,
      );
    }
  }

  /** Scopes that something on this server needs. */
  get #meaningful(): readonly string[] {
    const { published, secret } = this.#current.declared;
    const { healthDetailsScope } = this.configuration;
    return [
      ...published,
      ...secret,
      ...this.#routeScopes,
      ...this.#requiredScopes,
      ...(healthDetailsScope === undefined ? [] : [healthDetailsScope]),
    ];
  }

  get #requiredScopes(): readonly string[] {
    return this.configuration.ownKeys?.requiredScopes ?? [];
  }
}
