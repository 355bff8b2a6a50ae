import type { StandardSchemaV1 } from '@modelcontextprotocol/server';
import { Logger } from '@nestjs/common';

import { type AccessDeclaration, AccessRule } from '../../auth/access/access-rule.js';
import { alternativesOf } from '../../auth/access/requirement.js';
import { parseRate, type Rate } from '../../config/units.js';
import { SCOPE_TOKEN } from '../../oauth/scope-token.js';
import type { OfferOptions } from '../decorators/offer-method.js';
import type { MethodRunner } from './method-runner.js';
import type { Recordable } from './recordable.js';

/** Tool, resource or prompt, compiled at startup. */
export interface Offer {
  readonly kind: 'tool' | 'resource' | 'prompt';
  /** Unique within its kind. */
  readonly name: string;
  /** Decides who may see and use it. */
  readonly access: AccessRule;
  /** Maximum duration of a call in milliseconds; undefined means the configured default. */
  readonly timeout: number | undefined;
  /** Rate limit per caller; undefined means `RATE_LIMIT_TOOL` for tools, and none for others. */
  readonly rate: Rate | undefined;
  /** Number of calls that one use counts as in every limit. */
  readonly cost: number;
  /** Whether the first sign-in leaves out its scopes. */
  readonly elevated: boolean;
  /** Selects and redacts the arguments that an audit trail may record; undefined if it may record none. */
  readonly recordable: Recordable | undefined;
}

export type Validation = StandardSchemaV1.Result<unknown>;

export type Validate = (input: unknown) => Validation | Promise<Validation>;

/** Completion methods by argument or variable name. */
export type CompletionMethods = ReadonlyMap<string, MethodRunner>;

const LOGGER = new Logger('Access');

const NAME = /^[A-Za-z0-9_.-]{1,128}$/;

/** Compiles the members that all kinds of declarations share. */
export function compileOffer<Kind extends Offer['kind']>(
  kind: Kind,
  options: OfferOptions & { readonly name: string },
  inherited: readonly AccessDeclaration[],
  problems: string[],
): Offer & { readonly kind: Kind } {
  const { name, timeout, elevated = false, cost = 1 } = options;
  if (!NAME.test(name)) {
    problems.push(`its name "${name}" must be 1 to 128 of the characters A-Z a-z 0-9 _ . -`);
  }
  if (timeout !== undefined && !(timeout > 0 && timeout < 2 ** 31)) {
    problems.push(`its timeout ${timeout} is not a positive number of milliseconds`);
  }
  const access = compileAccess(`${kind} ${name}`, [...inherited, options], problems);
  const rate = ownRate(options, problems);
  return { kind, name, access, timeout, rate, cost, elevated, recordable: undefined };
}

function ownRate({ rateLimit, cost = 1 }: OfferOptions, problems: string[]): Rate | undefined {
  const rate = rateLimit === undefined ? undefined : parseRate(rateLimit);
  if (rateLimit !== undefined && !rate) {
    problems.push(`its rateLimit "${rateLimit}" is not a rate such as 10/min (s, min or h)`);
  }
  if (!(Number.isInteger(cost) && cost > 0 && cost < 2 ** 31)) {
    problems.push(`its cost ${cost} is not a positive integer`);
  } else if (rate && cost > rate.points) {
    problems.push(`its cost ${cost} is greater than its rateLimit ${rateLimit} allows`);
  }
  return rate;
}

function compileAccess(
  offer: string,
  declarations: readonly AccessDeclaration[],
  problems: string[],
): AccessRule {
  const access = new AccessRule(declarations, (fault) =>
    LOGGER.error(
      `The allow function of the ${offer} ${fault}. Such callers are refused. Later faults are not logged.`,
    ),
  );
  if (!access.isDeclared) {
    problems.push(
      "it does not declare its scopes. Name them, or write scopes: 'authenticated' to accept any valid token",
    );
  }
  problems.push(...requirementProblems(access, declarations));
  return access;
}

/** Returns the problems of names in a rule and its declarations. */
export function requirementProblems(
  access: AccessRule,
  declarations: readonly AccessDeclaration[],
): string[] {
  const invalid = access.scopes
    .flat()
    .filter((scope) => !SCOPE_TOKEN.test(scope))
    .map((scope) => `its scope "${scope}" is invalid. Remove spaces, quotes and backslashes`);
  const empty = (['scopes', 'roles', 'permissions'] as const)
    .filter((part) => declarations.some((declaration) => namesNone(declaration[part])))
    .map((part) => `its ${part} is empty. ${REMEDY[part]}`);
  return [...invalid, ...empty];
}

const REMEDY = {
  scopes: "Name a scope, or write scopes: 'authenticated'.",
  roles: 'Name a role, or remove it.',
  permissions: 'Name a permission, or remove it.',
} as const;

/** Whether a requirement is empty, which would admit everybody or nobody. Checked before requirements are combined. */
function namesNone(requirement: AccessDeclaration['scopes']): boolean {
  if (requirement === undefined || requirement === 'authenticated') return false;
  const alternatives = alternativesOf(requirement);
  return alternatives.length === 0 || alternatives.some(({ length }) => length === 0);
}

/** Copies the defined members of a declaration into its public definition. */
export function shown<Options extends object, Member extends keyof Options>(
  options: Options,
  ...members: Member[]
): Partial<Pick<Options, Member>> {
  const given: Partial<Pick<Options, Member>> = {};
  for (const member of members) if (options[member] !== undefined) given[member] = options[member];
  return given;
}
