import type { Reason } from '../logging/reason.js';
import { TOKEN_FAULTS, type TokenFault } from './token-faults.js';

/** Why a request is refused, in the terms of RFC 6750 §3.1; `AuthErrorFilter` turns it into the HTTP answer. */
export abstract class AuthError extends Error {
  abstract readonly status: 400 | 401 | 403 | 429 | 503;
  /** `error` of the JSON body. */
  abstract readonly code: string;
  /** For the log, which tells more than the caller needs to know. */
  abstract readonly reason: Reason;
  /** `scope` of the challenge; undefined: the sign-in scopes. */
  readonly scopes: readonly string[] | undefined = undefined;
  /** Seconds until another attempt makes sense; undefined: the caller needs another token, not time. */
  readonly retryAfter: number | undefined = undefined;

  /** @param description for people; fixed words, never anything from a token or a request */
  constructor(readonly description: string) {
    super(description);
    this.name = new.target.name;
  }
}

/** No credentials, or those of another scheme. The challenge carries no `error` (RFC 6750 §3.1). */
export class MissingTokenError extends AuthError {
  readonly status = 401;
  readonly code = 'missing_token';
  readonly reason = 'missing_token';

  constructor() {
    super('A bearer access token is needed. The WWW-Authenticate header says where to get one.');
  }
}

/** The request presents its token in a way that the specification does not allow. */
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

/** The token is malformed, expired, for somebody else, or not from the issuer. */
export class InvalidTokenError extends AuthError {
  readonly status = 401;
  readonly code = 'invalid_token';

  /** @param description for people; fixed words, never anything from a token or a request */
  constructor(
    readonly reason: TokenFault,
    description: string = TOKEN_FAULTS[reason].description,
  ) {
    super(description);
  }

  /** Whether the issuer signed the token, so that nobody is guessing. */
  get isAuthentic(): boolean {
    return TOKEN_FAULTS[this.reason].isAuthentic;
  }
}

/** Whether a refused token may be an attempt to guess one: only if its issuer never signed it. */
export const isGuess = (error: unknown): boolean => error instanceof InvalidTokenError && !error.isAuthentic;

/** The token was good until somebody revoked it, or all of its kind. */
export class RevokedTokenError extends InvalidTokenError {
  constructor() {
    super('revoked');
  }
}

/** The token is invalid, and its address has sent too many of that kind. */
export class TooManyInvalidTokensError extends AuthError {
  readonly status = 429;
  readonly code = 'too_many_requests';
  readonly reason = 'rate_limited:address';

  /** @param retryAfter seconds until the address may try again */
  constructor(override readonly retryAfter: number) {
    super(`Too many invalid tokens came from this address. Try again in ${retryAfter} s.`);
  }
}

/** The token is good, but lacks a scope. */
export class InsufficientScopeError extends AuthError {
  readonly status = 403;
  readonly code = 'insufficient_scope';
  readonly reason = 'insufficient_scope';

  override readonly scopes: readonly string[];

  /**
   * @param needed all the scopes that the request needs, those already granted included
   * @param kept scopes that the challenge names too, so that the client does not lose them
   */
  constructor(needed: readonly string[], kept: readonly string[] = []) {
    super(`This needs the scope${needed.length === 1 ? '' : 's'} ${needed.join(' ')}.`);
    this.scopes = [...new Set([...needed, ...kept])];
  }
}

/** The token may be good, but that cannot be told now. */
export abstract class ServiceUnavailableError extends AuthError {
  readonly status = 503;
  readonly code = 'temporarily_unavailable';

  /** @param retryAfter seconds until another attempt makes sense */
  constructor(
    description: string,
    override readonly retryAfter: number,
  ) {
    super(description);
  }
}

/** The issuer cannot be reached and no keys are known. */
export class IssuerUnavailableError extends ServiceUnavailableError {
  readonly reason = 'issuer_unreachable';

  /** @param retryAfter seconds until another attempt makes sense */
  constructor(retryAfter: number) {
    super(
      'The authorization server cannot be reached, so the token cannot be verified. Try again shortly.',
      retryAfter,
    );
  }
}

/** The revocation list could not be loaded yet. */
export class RevocationsUnknownError extends ServiceUnavailableError {
  readonly reason = 'revocations_unknown';

  constructor() {
    super('It cannot be told now whether the token has been revoked. Try again shortly.', 1);
  }
}
