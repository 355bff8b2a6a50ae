import 'reflect-metadata';

import { trackMember } from '../member-tracking.js';
import type { AccessDeclaration } from './access-rule.js';
import type { AnyOf, Requirement } from './requirement.js';

const ACCESS = Symbol('ACCESS');

const decorators = new WeakMap<AccessDeclaration, string>();

/** Decorator for classes and methods. */
type AccessDecorator = ClassDecorator & MethodDecorator;

/** Several names that are all required, or one object of alternatives. */
type Names = readonly string[] | readonly [AnyOf];

/**
 * Requires these scopes for everything that a class offers, in addition to the scopes of each member, and on all routes
 * of a controller that Aerie's guard covers. On a method, for what the method offers and for its route.
 *
 * @example
 * ```ts
 * @RequireScopes('report:read')
 * @RequireScopes({ anyOf: ['report:read', 'report:admin'] })
 * ```
 */
export const RequireScopes = (...names: Names): AccessDecorator =>
  declare('@RequireScopes()', { scopes: requirement(names) });

/** Requires these roles, where {@link RequireScopes} requires scopes. */
export const RequireRoles = (...names: Names): AccessDecorator =>
  declare('@RequireRoles()', { roles: requirement(names) });

/** Requires these permissions, where {@link RequireScopes} requires scopes. */
export const RequirePermissions = (...names: Names): AccessDecorator =>
  declare('@RequirePermissions()', { permissions: requirement(names) });

/** Requires a caller with an organization, where {@link RequireScopes} requires scopes. */
export const RequireOrganization = (): AccessDecorator =>
  declare('@RequireOrganization()', { organization: true });

/** Returns the declarations of a class and of its base classes, or those of a method. */
export function accessDeclarationsOf(target: object): readonly AccessDeclaration[] {
  const declarations: AccessDeclaration[] | undefined = Reflect.getMetadata(ACCESS, target);
  return declarations ?? [];
}

/** Returns the decorator that made a declaration, such as `@RequireRoles()`. */
export const decoratorOf = (declaration: AccessDeclaration): string => decorators.get(declaration) ?? '';

/** Whether a class has declarations of its own. Those of its base classes do not count. */
export const isRestrictedItself = (type: object): boolean => Reflect.hasOwnMetadata(ACCESS, type);

function declare(decorator: string, declaration: AccessDeclaration): AccessDecorator {
  decorators.set(declaration, decorator);
  const track = trackMember(decorator, (method) => accessDeclarationsOf(method).includes(declaration));
  return (type: object, name?: string | symbol, descriptor?: PropertyDescriptor) => {
    const method: unknown = descriptor?.value;
    if (typeof method === 'function') add(declaration, method);
    else if (name === undefined) add(declaration, type);
    track(type, name, descriptor);
  };
}

function add(declaration: AccessDeclaration, target: object): void {
  Reflect.defineMetadata(ACCESS, [...accessDeclarationsOf(target), declaration], target);
}

/** Names that are no strings are kept: startup reports them. */
const requirement = (names: Names): Requirement => (isSingle(names) ? names[0] : names);

const isSingle = (names: Names): names is readonly [AnyOf] =>
  names.length === 1 && typeof names[0] === 'object';
