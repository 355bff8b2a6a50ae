import type { Principal } from '../principal.js';
import { type Allow, Conditions } from './conditions.js';
import {
  type Alternatives,
  alternativesOf,
  bothOf,
  inWords,
  NOTHING,
  type Requirement,
} from './requirement.js';

/**
 * Controls what a caller without the declared scopes sees.
 *
 * - `scoped`: omitted from lists; a call gets the challenge
 * - `discoverable`: listed, so that a model finds it and its client requests more scopes; a call gets the challenge
 * - `secret`: omitted from lists; a call gets the same answer as for an unknown name; its scopes are not published
 */
export type Visibility = 'scoped' | 'discoverable' | 'secret';

/** Access requirements of a tool, resource or prompt. Requirements of a class and of its methods add up. */
export interface AccessDeclaration {
  /**
   * Required scopes, or `'authenticated'` to accept any valid token. They determine what lists show, the check
   * of each call, the 403 challenge, and `scopes_supported` in the metadata.
   */
  readonly scopes?: Requirement | 'authenticated';
  /** Required roles. A caller without them gets a result that says so, because no sign-in can grant roles. */
  readonly roles?: Requirement;
  /** Required permissions; enforced like `roles`. */
  readonly permissions?: Requirement;
  /** Whether the caller must have an organization; enforced like `roles`. */
  readonly organization?: boolean;
  /**
   * Whether the caller may know of and use it, from data in memory; enforced like `roles`. It runs often, for each list
   * and call. An exception counts as false.
   */
  readonly allow?: Allow;
  /** Visibility to callers without the scopes; default `scoped`. */
  readonly visibility?: Visibility;
}

/** Outcome of an access check, with what is missing if access is denied. */
export type Decision =
  | { readonly outcome: 'allowed' }
  /** A new token could have the scopes. */
  | { readonly outcome: 'insufficient_scope'; readonly scopes: readonly string[] }
  /** A new token would not help. */
  | { readonly outcome: 'forbidden'; readonly explanation: string };

const ALLOWED: Decision = { outcome: 'allowed' };

/** Combines the access declarations that apply to one tool, resource or prompt. */
export class AccessRule {
  /** Whether any declaration sets scopes. */
  readonly isDeclared: boolean;
  readonly scopes: Alternatives;
  readonly roles: Alternatives;
  readonly permissions: Alternatives;
  readonly organization: boolean;
  readonly visibility: Visibility;
  readonly #conditions: Conditions;
  readonly #declarations: readonly AccessDeclaration[];
  readonly #report: (fault: string) => void;

  /**
   * @param declarations outermost first; the last declared visibility wins
   * @param report receives the first fault of an `allow` function
   */
  constructor(declarations: readonly AccessDeclaration[], report: (fault: string) => void = ignore) {
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
    this.#conditions = new Conditions(
      declarations.flatMap(({ allow }) => allow ?? []),
      report,
    );
    this.visibility =
      declarations.findLast(({ visibility }) => visibility !== undefined)?.visibility ?? 'scoped';
    this.#declarations = declarations;
    this.#report = report;
    Object.freeze(this);
  }

  /** Returns this rule with the requirements of an outer declaration added. */
  within(declaration: AccessDeclaration): AccessRule {
    return new AccessRule([declaration, ...this.#declarations], this.#report);
  }

  /** Whether any valid token is sufficient. */
  get isOpen(): boolean {
    return (
      !this.isConditional && !this.organization && [this.scopes, this.roles, this.permissions].every(isFree)
    );
  }

  /** Whether functions of the application decide too, so that equal tokens may get different decisions over time. */
  get isConditional(): boolean {
    return !this.#conditions.isEmpty;
  }

  /** Whether a token needs scopes. */
  get needsScopes(): boolean {
    return !isFree(this.scopes);
  }

  /** Whether every `allow` function lets the caller know of the offer. */
  mayBeKnownTo(principal: Principal): boolean {
    return this.#conditions.areMetBy(principal);
  }

  /**
   * Checks organization, roles, permissions and `allow` before scopes. A sign-in cannot grant them, so a caller who lacks them
   * must not be asked to sign in.
   */
  decide(principal: Principal): Decision {
    if (this.organization && principal.organizationId === undefined) {
      return forbidden(
        'This needs an organization, but your access token has none. Sign in to an organization.',
      );
    }
    if (!isMet(this.roles, principal.roles)) return forbidden(notHeld('role', this.roles));
    if (!isMet(this.permissions, principal.permissions)) {
      return forbidden(notHeld('permission', this.permissions));
    }
    if (!this.#conditions.areMetBy(principal)) return forbidden(NOT_ALLOWED);
    if (this.scopes.some((scopes) => principal.hasScopes(scopes))) return ALLOWED;
    return { outcome: 'insufficient_scope', scopes: this.scopesFor(principal) };
  }

  /** Returns the scopes of the first alternative that the caller has, else those of the first alternative. */
  scopesFor(principal: Principal): readonly string[] {
    return this.scopes.find((scopes) => principal.hasScopes(scopes)) ?? this.scopes[0] ?? [];
  }
}

const ignore = (): void => {};

const NOT_ALLOWED =
  'This is not available to you. Signing in again does not change that. Ask the operator of this server for access.';

const isFree = (alternatives: Alternatives): boolean => alternatives.some(({ length }) => length === 0);

const forbidden = (explanation: string): Decision => ({ outcome: 'forbidden', explanation });

const isMet = (alternatives: Alternatives, held: readonly string[]): boolean =>
  alternatives.some((alternative) => alternative.every((name) => held.includes(name)));

function notHeld(what: string, alternatives: Alternatives): string {
  const several = alternatives.some(({ length }) => length > 1);
  return `This needs the ${what}${several ? 's' : ''} ${inWords(alternatives)}, which your account does not have. Signing in again does not change that. Ask your administrator for access.`;
}
