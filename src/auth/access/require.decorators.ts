import 'reflect-metadata';

import { declaresMethod, replacedWithGetter } from '../../values/declared-method.js';
import { isObject } from '../../values/is-object.js';
import type { AccessDeclaration } from './access-rule.js';
import type { AnyOf, Requirement } from './requirement.js';

const ACCESS = Symbol('ACCESS');

const MARKS = Symbol('MARKS');

/** Decorator on a member of a class. */
interface Mark {
  readonly decorator: string;
  readonly name: string | symbol;
  readonly isStatic: boolean;
  readonly isMethod: boolean;
  readonly declaration: AccessDeclaration;
}

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

/** Whether a class has declarations of its own. Those of its base classes do not count. */
export const isRestrictedItself = (type: object): boolean => Reflect.hasOwnMetadata(ACCESS, type);

/**
 * Returns the problems of decorators on members of a class and of its base classes that nothing enforces.
 *
 * @param overriding names of the members of derived classes, which replace those of this class
 */
export function lostAccessOf(prototype: object, overriding: readonly PropertyKey[] = []): string[] {
  const base: unknown = Object.getPrototypeOf(prototype);
  return marksOf(prototype)
    .filter(({ name, isStatic }) => isStatic || !overriding.includes(name))
    .flatMap((mark) => problemOf(mark, prototype))
    .concat(isObject(base) ? lostAccessOf(base, [...overriding, ...Reflect.ownKeys(prototype)]) : []);
}

function declare(decorator: string, declaration: AccessDeclaration): AccessDecorator {
  return (type: object, name?: string | symbol, descriptor?: PropertyDescriptor) => {
    const method: unknown = descriptor?.value;
    if (typeof method === 'function') add(declaration, method);
    else if (name === undefined) add(declaration, type);
    if (name === undefined) return;
    const isStatic = typeof type === 'function';
    const prototype: object = isStatic ? type.prototype : type;
    const isMethod = typeof method === 'function' || declaresMethod(type, name);
    const mark: Mark = { decorator, name, isStatic, isMethod, declaration };
    Reflect.defineMetadata(MARKS, [...marksOf(prototype), mark], prototype);
  };
}

function add(declaration: AccessDeclaration, target: object): void {
  Reflect.defineMetadata(ACCESS, [...accessDeclarationsOf(target), declaration], target);
}

function marksOf(prototype: object): readonly Mark[] {
  const marks: readonly Mark[] | undefined = Reflect.getOwnMetadata(MARKS, prototype);
  return marks ?? [];
}

function problemOf({ decorator, name, isStatic, isMethod, declaration }: Mark, prototype: object): string[] {
  const place = `${prototype.constructor.name}.${String(name)}`;
  if (isStatic || typeof name === 'symbol' || !isMethod) {
    const what = isStatic ? 'a static member' : typeof name === 'symbol' ? 'a symbol' : 'a property';
    return [`${place}: ${decorator} is on ${what}. Put it on a named instance method.`];
  }
  const method: unknown = Object.getOwnPropertyDescriptor(prototype, name)?.value;
  if (typeof method !== 'function') return [replacedWithGetter(place, decorator)];
  if (accessDeclarationsOf(method).includes(declaration)) return [];
  return [
    `${place}: a decorator above ${decorator}, or of the class, replaces the method, so ${decorator} has no effect. Move ${decorator} to the top, or remove the other decorator.`,
  ];
}

function requirement(names: Names): Requirement {
  const [first] = names;
  return typeof first === 'object' ? first : names.filter((name) => typeof name === 'string');
}
