import type { Reason } from '../logging/reason.js';
import { TOKEN_FAULTS, type TokenFault } from './token-faults.js';

/** Base class of authentication errors, named after RFC 6750 §3.1. `AuthErrorFilter` converts them into responses. */
export abstract class AuthError extends Error {
  abstract readonly status: 400 | 401 | 403 | 429 | 503;
  /** `error` of the JSON body. */
  abstract readonly code: string;
  /** Reason code for the log, which may say more than the response. */
  abstract readonly reason: Reason;
  /** `scope` of the challenge; undefined to use the sign-in scopes. */
  readonly scopes: readonly string[] | undefined = undefined;
  /** Seconds to wait before a retry; undefined if a retry would not help. */
  readonly retryAfter: number | undefined = undefined;
  /** Whether another token could help, so that the response challenges the client to get one. */
  readonly isChallenge: boolean = true;

  /** @param description text for people; must not contain anything from a token or a request */
  constructor(readonly description: string) {
    super(description);
    this.name = new.target.name;
  }
}

/**
 * Thrown for a request without credentials or with another authentication scheme. The challenge has no `error`
 * (RFC 6750 §3.1).
 */
export class MissingTokenError extends AuthError {
  readonly status = 401;
  readonly code = 'missing_token';
  readonly reason = 'missing_token';

  constructor() {
    super('Missing bearer access token. The WWW-Authenticate header says where to get one.');
  }
}

/** Thrown when a request sends its token in a way that the specification does not allow. */
export class InvalidRequestError extends AuthError {
  readonly status = 400;
  readonly code = 'invalid_request';

  constructor(
    readonly reason: 'token_in_query' | 'several_tokens' | 'malformed_header',
    description: string,
  ) {
    super(description);
  }
}

/** Thrown for a token that is malformed, expired, for another audience, or not signed by its issuer. */
export class InvalidTokenError extends AuthError {
  readonly status = 401;
  readonly code = 'invalid_token';

  /** @param description text for people; must not contain anything from a token or a request */
  constructor(
    readonly reason: TokenFault,
    description: string = TOKEN_FAULTS[reason].description,
  ) {
    super(description);
  }

  /** Whether the issuer signed the token, so that it cannot be a guess. */
  get isAuthentic(): boolean {
    return TOKEN_FAULTS[this.reason].isAuthentic;
  }
}

/** Whether a rejected token may be a guess. A token that its issuer signed never is. */
export const isGuess = (error: unknown): boolean => error instanceof InvalidTokenError && !error.isAuthentic;

/** Thrown for a token that was valid until a revocation covered it. */
export class RevokedTokenError extends InvalidTokenError {
  constructor() {
    super('revoked');
  }
}

/** Thrown for an invalid token from an address that has sent too many of them. */
export class TooManyInvalidTokensError extends AuthError {
  readonly status = 429;
  readonly code = 'too_many_requests';
  readonly reason = 'rate_limited:address';

  /** @param retryAfter seconds before the address may retry */
  constructor(override readonly retryAfter: number) {
    super(`Too many invalid tokens came from this address. Try again in ${retryAfter} s.`);
  }
}

/** Thrown for a valid token that lacks a scope. */
export class InsufficientScopeError extends AuthError {
  readonly status = 403;
  readonly code = 'insufficient_scope';
  readonly reason = 'insufficient_scope';

  override readonly scopes: readonly string[];

  /**
   * @param needed all scopes that the request needs, including those already granted
   * @param kept further scopes for the challenge, so that the new token keeps them
   */
  constructor(needed: readonly string[], kept: readonly string[] = []) {
    super(`This needs the scope${needed.length === 1 ? '' : 's'} ${needed.join(' ')}.`);
    this.scopes = [...new Set([...needed, ...kept])];
  }
}

/** Thrown for a caller who lacks a role, a permission or an organization. A new token would not help. */
export class ForbiddenError extends AuthError {
  readonly status = 403;
  readonly code = 'forbidden';
  readonly reason = 'forbidden';
  override readonly isChallenge = false;
}

/** Thrown when the token cannot be verified at the moment. */
export abstract class ServiceUnavailableError extends AuthError {
  readonly status = 503;
  readonly code = 'temporarily_unavailable';

  /** @param retryAfter seconds to wait before a retry */
  constructor(
    description: string,
    override readonly retryAfter: number,
  ) {
    super(description);
  }
}

/** Thrown when the issuer is unreachable and no keys are cached. */
export class IssuerUnavailableError extends ServiceUnavailableError {
  readonly reason = 'issuer_unreachable';

  /** @param retryAfter seconds to wait before a retry */
  constructor(retryAfter: number) {
    super(
      'The authorization server cannot be reached, so the token cannot be verified. Try again shortly.',
      retryAfter,
    );
  }
}

/** Thrown while the revocation list has not been loaded. */
export class RevocationsUnknownError extends ServiceUnavailableError {
  readonly reason = 'revocations_unknown';

  constructor() {
    super('The revocation list is not loaded yet, so the token cannot be checked. Try again shortly.', 1);
  }
}
