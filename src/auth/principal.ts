import { type HoldsScope, ScopeHierarchy } from '../oauth/scope-hierarchy.js';

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
  /** Seconds since the epoch (RFC 7519 `exp`). */
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
  /** Seconds since the epoch (RFC 7519 `exp`). */
  readonly expiresAt: number;
  readonly #holds: HoldsScope;

  /** @param hierarchy defines which scopes include others */
  constructor(claims: PrincipalClaims, hierarchy = ScopeHierarchy.flat) {
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
    Object.freeze(this);
  }

  /** Kind of caller. A machine calls on its own behalf (`sub` equals `client_id`), a person through a client. */
  get kind(): 'person' | 'machine' {
    return this.subject === this.clientId ? 'machine' : 'person';
  }

  /** Whether each of these scopes was granted, directly or through a broader scope. */
  hasScopes(required: readonly string[]): boolean {
    return required.every(this.#holds);
  }
}
