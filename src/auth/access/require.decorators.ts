import 'reflect-metadata';

import type { AccessDeclaration } from './access-rule.js';
import type { AnyOf, Requirement } from './requirement.js';

const ACCESS = Symbol('ACCESS');

/** All of several names, or any of some alternatives. */
type Names = readonly string[] | readonly [AnyOf];

/**
 * Everything that a provider class offers needs these scopes, besides what each declares itself.
 *
 * @example
 * ```ts
 * @RequireScopes('report:read')
 * @RequireScopes({ anyOf: ['report:read', 'report:admin'] })
 * ```
 */
export const RequireScopes = (...names: Names): ClassDecorator => declare({ scopes: requirement(names) });

/** Everything that a provider class offers needs these roles. */
export const RequireRoles = (...names: Names): ClassDecorator => declare({ roles: requirement(names) });

/** Everything that a provider class offers needs these permissions. */
export const RequirePermissions = (...names: Names): ClassDecorator =>
  declare({ permissions: requirement(names) });

/** Everything that a provider class offers needs a caller with an organisation. */
export const RequireOrganization = (): ClassDecorator => declare({ organization: true });

/** What a class declares for all that it offers, and what those above it do. */
export function accessDeclarationsOf(type: object): readonly AccessDeclaration[] {
  const declarations: AccessDeclaration[] | undefined = Reflect.getMetadata(ACCESS, type);
  return declarations ?? [];
}

function declare(declaration: AccessDeclaration): ClassDecorator {
  return (type) => Reflect.defineMetadata(ACCESS, [...accessDeclarationsOf(type), declaration], type);
}

function requirement(names: Names): Requirement {
  const [first] = names;
  return typeof first === 'object' ? first : names.filter((name) => typeof name === 'string');
}
