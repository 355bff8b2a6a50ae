import { Inject, Injectable } from '@nestjs/common';

import { CONFIGURATION, type Configuration } from '../config/configuration.js';
import type { ProtectedResourceMetadata } from '../config/protected-resource-metadata.js';

/** This server as OAuth sees it: what its metadata says and what its challenges ask for. */
@Injectable()
export class ProtectedResource {
  #metadata: ProtectedResourceMetadata;

  constructor(@Inject(CONFIGURATION) private readonly configuration: Configuration) {
    this.#metadata = configuration.resource.metadata;
  }

  /**
   * Tells which scopes exist, so that a metadata document that does not list any can; a configured list
   * stands. Called once at start-up by what knows the scopes.
   */
  declareScopes(scopes: readonly string[]): void {
    const { metadata } = this.configuration.resource;
    this.#metadata = Object.freeze({ ...metadata, scopes_supported: metadata.scopes_supported ?? scopes });
  }

  /** The protected resource metadata document (RFC 9728 §2). */
  get metadata(): ProtectedResourceMetadata {
    return this.#metadata;
  }

  get scopesSupported(): readonly string[] {
    return this.#metadata.scopes_supported ?? [];
  }

  /** What a client without a token is asked to sign in for. */
  get signInScopes(): readonly string[] {
    return this.configuration.resource.signInScopes ?? this.scopesSupported;
  }
}
