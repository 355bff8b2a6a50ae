import type { StandardSchemaV1 } from '@modelcontextprotocol/server';

import { type AccessDeclaration, AccessRule } from '../../auth/access/access-rule.js';
import { alternativesOf } from '../../auth/access/requirement.js';
import { SCOPE_TOKEN } from '../../config/scope-token.js';
import type { OfferOptions } from '../decorators/offer-method.js';
import type { MethodRunner } from './method-runner.js';

/** Something on offer to callers, as start-up leaves it. */
export interface Offer {
  readonly kind: 'tool' | 'resource' | 'prompt';
  /** Unique among its kind. */
  readonly name: string;
  /** Who may know of it and use it. */
  readonly access: AccessRule;
  /** Longest time that a call may take, milliseconds; undefined: the configured one. */
  readonly timeout: number | undefined;
  /** Whether its scopes are left out of the first sign-in. */
  readonly elevated: boolean;
}

export type Validation = StandardSchemaV1.Result<unknown>;

export type Validate = (input: unknown) => Validation | Promise<Validation>;

/** What proposes values, by the name of what they are for. */
export type Completions = ReadonlyMap<string, MethodRunner>;

const NAME = /^[A-Za-z0-9_.-]{1,128}$/;

/** What all kinds of offers declare alike. */
export function compileOffer<Kind extends Offer['kind']>(
  kind: Kind,
  options: OfferOptions & { readonly name: string },
  inherited: readonly AccessDeclaration[],
  problems: string[],
): Offer & { readonly kind: Kind } {
  const { name, timeout, elevated = false } = options;
  if (!NAME.test(name)) {
    problems.push(`its name "${name}" must be 1 to 128 of the characters A-Z a-z 0-9 _ . -`);
  }
  if (timeout !== undefined && !(timeout > 0 && timeout < 2 ** 31)) {
    problems.push(`its timeout ${timeout} is not a positive number of milliseconds`);
  }
  return { kind, name, access: compileAccess([...inherited, options], problems), timeout, elevated };
}

function compileAccess(declarations: readonly AccessDeclaration[], problems: string[]): AccessRule {
  const access = new AccessRule(declarations);
  if (!access.isDeclared) {
    problems.push(
      "it does not say which scopes it needs; where any valid token will do, scopes: 'authenticated'",
    );
  }
  for (const scope of access.scopes.flat().filter((candidate) => !SCOPE_TOKEN.test(candidate))) {
    problems.push(`its scope "${scope}" is not a scope: no spaces, quotes or backslashes`);
  }
  for (const part of ['scopes', 'roles', 'permissions'] as const) {
    if (declarations.some((declaration) => namesNone(declaration[part]))) {
      problems.push(`its ${part} is empty. ${REMEDY[part]}`);
    }
  }
  return access;
}

const REMEDY = {
  scopes: "Name a scope, or write scopes: 'authenticated'.",
  roles: 'Name a role, or remove it.',
  permissions: 'Name a permission, or remove it.',
} as const;

/** Whether a requirement would let everybody in, or nobody: looked at before others are added to it. */
function namesNone(requirement: AccessDeclaration['scopes']): boolean {
  if (requirement === undefined || requirement === 'authenticated') return false;
  const alternatives = alternativesOf(requirement);
  return alternatives.length === 0 || alternatives.some(({ length }) => length === 0);
}

/** The members of a declaration that a definition shows as they are. */
export function shown<Options extends object, Member extends keyof Options>(
  options: Options,
  ...members: Member[]
): Partial<Pick<Options, Member>> {
  const given: Partial<Pick<Options, Member>> = {};
  for (const member of members) if (options[member] !== undefined) given[member] = options[member];
  return given;
}
