import { type HoldsScope, ScopeHierarchy } from '../config/scope-hierarchy.js';

/** What a verified token says of its bearer; the fields of a {@link Principal}. */
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
 * Who is calling: the immutable outcome of verifying an access token. It does not hold the token.
 *
 * Request-scoped: a tool, or anything that it injects, gets the Principal of the request it serves.
 */
export class Principal implements PrincipalClaims {
  /**
   * The issuer whose key signed the token: the other identifiers are unique within it only. `iss`, except that it
   * is Scalekit's environment URL for both of Scalekit's issuers, whose subjects are the same.
   */
  readonly issuer: string;
  /** `sub` */
  readonly subject: string;
  /** `client_id`: the application that calls on the subject's behalf. */
  readonly clientId: string | undefined;
  /** `oid`, in older tokens `org_id`: the organisation that the subject belongs to. */
  readonly organizationId: string | undefined;
  /** The scopes granted, as the token names them; {@link hasScopes} knows which others they include. */
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

  /** @param hierarchy which of the scopes granted include others */
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

  /** A machine calls in its own name (`sub` equals `client_id`), a person through a client. */
  get kind(): 'person' | 'machine' {
    return this.subject === this.clientId ? 'machine' : 'person';
  }

  /** Whether every one of these scopes was granted, itself or within a broader one. */
  hasScopes(required: readonly string[]): boolean {
    return required.every(this.#holds);
  }
}
