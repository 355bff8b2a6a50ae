import { hasMembers } from '../values/has-members.js';

const knownClasses = new WeakSet<object>();

/** Handlers of controllers with access decorators on methods whose instances are created per request, by prototype. */
const declared = new WeakMap<object, readonly object[]>();

let areUnknownRefused = false;

/** Records a class that NestJS may pass to guards. It passes another one if an instance decorator replaces `constructor`. */
export function addKnownClass(type: object): void {
  knownClasses.add(type);
}

/**
 * Lets {@link isReplaced} refuse unknown classes, whose decorators cannot be found. Applications without a restricted
 * controller that is created per request do not need it: at startup, instances show what replaces their `constructor`.
 */
export function refuseUnknownClasses(): void {
  areUnknownRefused = true;
}

/**
 * Lets {@link isReplaced} check the handlers of a class whose instances are created per request. At startup, no instance
 * shows whether its constructor replaces a method.
 *
 * @param handlers methods of the class that have routes
 */
export function checkPerRequest(prototype: object, handlers: readonly object[]): void {
  declared.set(prototype, handlers);
}

/** Whether a handler is none that its class declares, so that it may lack decorators of the method that it replaces. */
export function isReplaced(type: { readonly prototype?: unknown }, handler: object): boolean {
  if (!knownClasses.has(type)) return areUnknownRefused;
  const methods = hasMembers(type.prototype) ? declared.get(type.prototype) : undefined;
  return methods !== undefined && !methods.some((method) => method === handler || isCopy(handler, method));
}

/** Whether a handler has all metadata of a method, as wrappers that copy it do. */
const isCopy = (handler: object, method: object): boolean =>
  Reflect.getMetadataKeys(method).every(
    (key) => Reflect.getMetadata(key, handler) === Reflect.getMetadata(key, method),
  );
