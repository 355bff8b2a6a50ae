import type { Module } from '@nestjs/core/injector/module.js';

import type { Offers } from './catalog.js';
import type { Findings } from './findings.js';

/** Declaration that has not been compiled yet. */
export interface DeclaredOffer {
  /** Class and method, for messages. */
  readonly owner: string;
  /** Name that clients see. */
  readonly name: string;
  /** @param findings receives the problems and warnings, addressed to the declaration's author */
  readonly compile: (findings: Findings) => Offers;
}

/** Declaration with the endpoints that offer it. */
export interface PlacedOffer extends DeclaredOffer {
  readonly endpoints: readonly string[];
}

/** Finds declarations that are not on providers. */
export interface OfferSource {
  /** @param isLate whether the modules were loaded while the application runs, when NestJS registers no routes */
  declaredIn(modules: readonly Module[], isLate: boolean): PlacedOffer[];
  /**
   * Returns the problems of declarations that cannot be offered where they are. Another library or a test may have
   * replaced methods of running modules, so only those of added modules are checked.
   */
  misplacedIn?(modules: readonly Module[], added: readonly Module[]): string[];
  /** Returns the scopes that routes of the application need of callers of this endpoint. */
  routeScopesIn?(modules: readonly Module[]): string[];
}

/** Injection token of every {@link OfferSource}. */
export const OFFER_SOURCES = Symbol('OFFER_SOURCES');
