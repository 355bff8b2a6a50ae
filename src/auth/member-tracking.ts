import 'reflect-metadata';

import { declaresMethod, replacedWithGetter } from '../values/declared-method.js';
import { isObject } from '../values/is-object.js';

const TRACKED = Symbol('TRACKED');

/** Decorator on a member of a class. */
interface Tracked {
  readonly decorator: string;
  readonly name: string | symbol;
  readonly isStatic: boolean;
  /** Whether the class declares the member as a method. */
  readonly isMethod: boolean;
  readonly isKept: (method: object) => boolean;
}

/**
 * Returns a decorator that makes {@link lostDecoratorsOf} notice another one. A decorator that replaces a method takes the
 * metadata of those below it away, so a route that was closed would be open.
 *
 * @param isKept whether the method that the class ends up with has the metadata of the decorator
 */
export const trackMember =
  (decorator: string, isKept: (method: object) => boolean) =>
  (type: object, name?: string | symbol, descriptor?: PropertyDescriptor): void => {
    if (name === undefined) return;
    const isStatic = typeof type === 'function';
    const prototype: object = isStatic ? type.prototype : type;
    const isMethod = typeof descriptor?.value === 'function' || declaresMethod(type, name);
    const tracked: Tracked = { decorator, name, isStatic, isMethod, isKept };
    Reflect.defineMetadata(TRACKED, [...trackedOf(prototype), tracked], prototype);
  };

/**
 * Returns the problems of decorators on members of a class and of its base classes that have no effect.
 *
 * @param overriding names of the members of derived classes, which replace those of this class
 */
export function lostDecoratorsOf(prototype: object, overriding: readonly PropertyKey[] = []): string[] {
  const base: unknown = Object.getPrototypeOf(prototype);
  return trackedOf(prototype)
    .filter(({ name, isStatic }) => isStatic || !overriding.includes(name))
    .flatMap((tracked) => problemOf(tracked, prototype))
    .concat(isObject(base) ? lostDecoratorsOf(base, [...overriding, ...Reflect.ownKeys(prototype)]) : []);
}

function trackedOf(prototype: object): readonly Tracked[] {
  const tracked: readonly Tracked[] | undefined = Reflect.getOwnMetadata(TRACKED, prototype);
  return tracked ?? [];
}

function problemOf(tracked: Tracked, prototype: object): string[] {
  const { decorator, name, isStatic, isMethod, isKept } = tracked;
  const place = `${prototype.constructor.name}.${String(name)}`;
  if (isStatic || typeof name === 'symbol' || !isMethod) {
    const what = isStatic ? 'a static member' : typeof name === 'symbol' ? 'a symbol' : 'a property';
    return [`${place}: ${decorator} is on ${what}. Put it on a named instance method.`];
  }
  const method: unknown = Object.getOwnPropertyDescriptor(prototype, name)?.value;
  if (typeof method !== 'function') return [replacedWithGetter(place, decorator)];
  if (isKept(method)) return [];
  return [
    `${place}: a decorator above ${decorator}, or of the class, replaces the method, so ${decorator} has no effect. Move ${decorator} to the top, or remove the other decorator.`,
  ];
}
