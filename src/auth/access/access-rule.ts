import type { Principal } from '../principal.js';
import {
  type Alternatives,
  alternativesOf,
  bothOf,
  inWords,
  NOTHING,
  type Requirement,
} from './requirement.js';

/**
 * What a caller without the scopes may know.
 *
 * - `scoped`: lists leave it out, a call is answered with the challenge
 * - `discoverable`: lists show it, so that a model finds it and its client asks for more; a call is challenged
 * - `secret`: lists leave it out, a call is answered as if it did not exist, and its scopes are not published
 */
export type Visibility = 'scoped' | 'discoverable' | 'secret';

/** Who may use something. A class and its methods may each say a part: both hold. */
export interface AccessDeclaration {
  /**
   * The scopes that a caller needs, or `'authenticated'` where any valid token will do. They decide what lists
   * show, the check on the call, the 403 challenge, and the metadata's `scopes_supported`.
   */
  readonly scopes?: Requirement | 'authenticated';
  /** The roles that a caller needs. Without them the answer is a result that says so: no sign-in grants them. */
  readonly roles?: Requirement;
  /** The permissions that a caller needs; as with `roles`. */
  readonly permissions?: Requirement;
  /** Whether a caller needs an organization; as with `roles`. */
  readonly organization?: boolean;
  /** What a caller without the scopes may know; default `scoped`. */
  readonly visibility?: Visibility;
}

/** Whether a caller may use something, and if not, what is missing. */
export type Decision =
  | { readonly outcome: 'allowed' }
  /** A new token could have it. */
  | { readonly outcome: 'insufficient_scope'; readonly scopes: readonly string[] }
  /** No new token would change it. */
  | { readonly outcome: 'forbidden'; readonly explanation: string };

const ALLOWED: Decision = { outcome: 'allowed' };

/** Declarations as start-up leaves them: all of them hold. */
export class AccessRule {
  /** Whether the scopes have been spoken of at all. */
  readonly isDeclared: boolean;
  readonly scopes: Alternatives;
  readonly roles: Alternatives;
  readonly permissions: Alternatives;
  readonly organization: boolean;
  readonly visibility: Visibility;

  /** @param declarations of the outermost first; the last word on the visibility counts */
  constructor(declarations: readonly AccessDeclaration[]) {
    const combined = (part: (declaration: AccessDeclaration) => Requirement | undefined): Alternatives =>
      declarations.reduce<Alternatives>((sum, declaration) => {
        const requirement = part(declaration);
        return requirement ? bothOf(sum, alternativesOf(requirement)) : sum;
      }, NOTHING);
    this.isDeclared = declarations.some(({ scopes }) => scopes !== undefined);
    this.scopes = combined(({ scopes }) => (scopes === 'authenticated' ? undefined : scopes));
    this.roles = combined(({ roles }) => roles);
    this.permissions = combined(({ permissions }) => permissions);
    this.organization = declarations.some(({ organization }) => organization === true);
    this.visibility =
      declarations.findLast(({ visibility }) => visibility !== undefined)?.visibility ?? 'scoped';
    Object.freeze(this);
  }

  /** Whether any valid token will do. */
  get isOpen(): boolean {
    return !this.organization && [this.scopes, this.roles, this.permissions].every(isFree);
  }

  /** Whether a token needs scopes for it. */
  get needsScopes(): boolean {
    return !isFree(this.scopes);
  }

  /** What no sign-in can grant is looked at first: a caller without it is never sent to sign in. */
  decide(principal: Principal): Decision {
    if (this.organization && principal.organizationId === undefined) {
      return forbidden('This needs an organization, and your access token names none. Sign in to one.');
    }
    if (!isMet(this.roles, principal.roles)) return forbidden(notHeld('role', this.roles));
    if (!isMet(this.permissions, principal.permissions)) {
      return forbidden(notHeld('permission', this.permissions));
    }
    if (this.scopes.some((scopes) => principal.hasScopes(scopes))) return ALLOWED;
    return { outcome: 'insufficient_scope', scopes: this.scopesFor(principal) };
  }

  /** The scopes by which the caller is let in, or would be: those of the first alternative. */
  scopesFor(principal: Principal): readonly string[] {
    return this.scopes.find((scopes) => principal.hasScopes(scopes)) ?? this.scopes[0] ?? [];
  }
}

const isFree = (alternatives: Alternatives): boolean => alternatives.some(({ length }) => length === 0);

const forbidden = (explanation: string): Decision => ({ outcome: 'forbidden', explanation });

const isMet = (alternatives: Alternatives, held: readonly string[]): boolean =>
  alternatives === NOTHING ||
  alternatives.some((alternative) => alternative.every((name) => held.includes(name)));

function notHeld(what: string, alternatives: Alternatives): string {
  const several = alternatives.some(({ length }) => length > 1);
  return `This needs the ${what}${several ? 's' : ''} ${inWords(alternatives)}, which your account does not have. Signing in again does not change that: ask whoever administers it.`;
}
