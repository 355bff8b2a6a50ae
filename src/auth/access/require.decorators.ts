import 'reflect-metadata';

import type { AccessDeclaration } from './access-rule.js';
import type { AnyOf, Requirement } from './requirement.js';

const ACCESS = Symbol('ACCESS');

/** Several names that are all required, or one object of alternatives. */
type Names = readonly string[] | readonly [AnyOf];

/**
 * Requires these scopes for everything that a provider class offers, in addition to the scopes of each member.
 *
 * @example
 * ```ts
 * @RequireScopes('report:read')
 * @RequireScopes({ anyOf: ['report:read', 'report:admin'] })
 * ```
 */
export const RequireScopes = (...names: Names): ClassDecorator => declare({ scopes: requirement(names) });

/** Requires these roles for everything that a provider class offers. */
export const RequireRoles = (...names: Names): ClassDecorator => declare({ roles: requirement(names) });

/** Requires these permissions for everything that a provider class offers. */
export const RequirePermissions = (...names: Names): ClassDecorator =>
  declare({ permissions: requirement(names) });

/** Requires a caller with an organization for everything that a provider class offers. */
export const RequireOrganization = (): ClassDecorator => declare({ organization: true });

/** Returns the class-level declarations of a provider class and of its base classes. */
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
