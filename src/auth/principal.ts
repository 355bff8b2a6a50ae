import { isDeepStrictEqual } from 'node:util';

import { type HoldsScope, ScopeHierarchy } from '../oauth/scope-hierarchy.js';
import { type ClaimValues, NO_CLAIMS } from './declared-claims.js';

/**
 * Types of the claims that an application declares. It adds its own by declaration merging, see docs/authorization.md.
 */
export interface Claims {}

/** Claims of a verified token; the fields of a {@link Principal}. */
export interface PrincipalClaims {
  readonly issuer: string;
  readonly subject: string;
  readonly clientId: string | undefined;
  readonly organizationId: string | undefined;
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
  readonly permissions: readonly string[];
  readonly tokenId: string | undefined;
  readonly sessionId: string | undefined;
  /** Seconds since the epoch (RFC 7519 `iat`). */
  readonly issuedAt: number;
  /** Seconds since the epoch (RFC 7519 `exp`, and the tolerated clock difference). */
  readonly expiresAt: number;
}

/**
 * Authenticated caller: the immutable result of verifying an access token. It does not contain the token.
 *
 * Request-scoped: a tool and its dependencies get the Principal of the current request.
 */
export class Principal implements PrincipalClaims {
  /**
   * Issuer whose key signed the token; the other identifiers are unique within the issuer only. Equals `iss`, except
   * for Scalekit: its two issuers share their subjects, so both are represented by the environment URL.
   */
  readonly issuer: string;
  /** `sub` */
  readonly subject: string;
  /** `client_id`: application that calls on behalf of the subject. */
  readonly clientId: string | undefined;
  /** `oid`, or `org_id` in older tokens: organization of the subject. */
  readonly organizationId: string | undefined;
  /** Granted scopes, as in the token. {@link hasScopes} also considers the scopes that they include. */
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
  readonly permissions: readonly string[];
  /** `jti` */
  readonly tokenId: string | undefined;
  /** `sid` */
  readonly sessionId: string | undefined;
  /** Seconds since the epoch (RFC 7519 `iat`). */
  readonly issuedAt: number;
  /** Seconds since the epoch (RFC 7519 `exp`, and the tolerated clock difference). */
  readonly expiresAt: number;
  readonly #holds: HoldsScope;
  readonly #claims: ClaimValues;

  /**
   * @param hierarchy defines which scopes include others
   * @param declared claims that the application declares
   */
  constructor(claims: PrincipalClaims, hierarchy = ScopeHierarchy.flat, declared = NO_CLAIMS) {
    this.issuer = claims.issuer;
    this.subject = claims.subject;
    this.clientId = claims.clientId;
    this.organizationId = claims.organizationId;
    this.scopes = Object.freeze([...claims.scopes]);
    this.roles = Object.freeze([...claims.roles]);
    this.permissions = Object.freeze([...claims.permissions]);
    this.tokenId = claims.tokenId;
    this.sessionId = claims.sessionId;
    this.issuedAt = claims.issuedAt;
    this.expiresAt = claims.expiresAt;
    this.#holds = hierarchy.heldWith(claims.scopes);
    this.#claims = declared;
    Object.freeze(this);
  }

  /** Kind of caller. A machine calls on its own behalf (`sub` equals `client_id`), a person through a client. */
  get kind(): 'person' | 'machine' {
    return this.subject === this.clientId ? 'machine' : 'person';
  }

  /**
   * Returns a claim that the application declares, as its schema yields it.
   *
   * @throws {Error} when the claim is not declared; Aerie does not keep such claims
   */
  claim<Name extends keyof Claims>(name: Name): Claims[Name];
  claim(name: PropertyKey): unknown {
    const { values } = this.#claims;
    if (typeof name === 'string' && Object.hasOwn(values, name)) return values[name];
    throw new Error(
      `The claim "${String(name)}" is not declared. Add its schema to the option "claims" of AerieModule.`,
    );
  }

  /** Whether all declared claims equal those of another token. */
  hasClaimsOf(other: Principal): boolean {
    return isDeepStrictEqual(this.#claims.values, other.#claims.values);
  }

  /** Approximate memory of the declared claims, bytes. */
  get claimBytes(): number {
    return this.#claims.bytes;
  }

  /** Whether each of these scopes was granted, directly or through a broader scope. */
  hasScopes(required: readonly string[]): boolean {
    return required.every(this.#holds);
  }
}
