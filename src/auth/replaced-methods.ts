import { hasMembers } from '../values/has-members.js';
import { trackedMethodsOf } from './member-tracking.js';

/** Describes a method of a class whose instances have another function under its name. */
export const replacedOnInstance = (method: string, decorator: string): string =>
  `${method}: the constructor, or an instance decorator, replaces the method, so ${decorator} has no effect. Keep the method as declared.`;

/**
 * Returns the problems of decorators that the methods of an instance lack. NestJS finds routes on the prototype, but
 * reads the metadata of their handlers from the instance.
 */
export const lostByInstance = (instance: object): string[] =>
  trackedMethodsOf(prototypeOf(instance))
    .filter(({ name, isKept }) => {
      const method: unknown = Reflect.get(instance, name);
      return !hasMembers(method) || !isKept(method);
    })
    .map(({ place, decorator }) => replacedOnInstance(place, decorator));

/** Handlers of classes with tracked decorators whose instances are created per request, by prototype. */
const declared = new WeakMap<object, readonly object[]>();

/**
 * Lets {@link isReplaced} check the handlers of a class whose instances are created per request. At startup, no instance
 * shows whether its constructor replaces a method.
 *
 * @param handlers methods of the class that have routes
 */
export function checkPerRequest(prototype: object, handlers: readonly object[]): void {
  if (trackedMethodsOf(prototype).length > 0) declared.set(prototype, handlers);
}

/** Whether a handler is none that its class declares, so that it may lack decorators of the method that it replaces. */
export function isReplaced({ prototype }: { readonly prototype?: unknown }, handler: object): boolean {
  const methods = hasMembers(prototype) ? declared.get(prototype) : undefined;
  return methods !== undefined && !methods.some((method) => method === handler || isCopy(handler, method));
}

/** Whether a handler has all metadata of a method, as wrappers that copy it do. */
const isCopy = (handler: object, method: object): boolean =>
  Reflect.getMetadataKeys(method).every(
    (key) => Reflect.getMetadata(key, handler) === Reflect.getMetadata(key, method),
  );

const prototypeOf = (instance: object): object => Object.getPrototypeOf(instance) ?? {};
