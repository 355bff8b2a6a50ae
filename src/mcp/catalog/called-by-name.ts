import { ENHANCER_KEYS } from './enhancers.js';

type Method = (...parameters: unknown[]) => unknown;

/**
 * Calls what an instance has under the name of a method. The constructor, an instance decorator or a library may have
 * wrapped the declared method, and other callers of the instance get the wrapper too.
 */
export const callByName = (instance: object, methodName: string, input: unknown, context: unknown): unknown =>
  currentMethod(instance, methodName).call(instance, input, context);

/** Function of any parameters. */
type Handler = (...parameters: never[]) => unknown;

/** Declared methods of the functions that {@link callingByName} returns. */
const declared = new WeakMap<object, Method>();

/** Returns a function that calls what its instance has under the name of a method. It has the enhancers of the method. */
export function callingByName(method: Method, methodName: string): Method {
  const calling = function (this: object, ...parameters: unknown[]): unknown {
    return currentMethod(this, methodName).apply(this, parameters);
  };
  for (const key of ENHANCER_KEYS.filter((one) => Reflect.hasMetadata(one, method))) {
    Reflect.defineMetadata(key, Reflect.getMetadata(key, method), calling);
  }
  declared.set(calling, method);
  return calling;
}

/** Returns the declared method of a function that {@link callingByName} returned, or else the function itself. */
export const declaredMethodOf = (handler: Handler): Handler => declared.get(handler) ?? handler;

function currentMethod(instance: object, methodName: string): Method {
  const method: unknown = Reflect.get(instance, methodName);
  if (!isMethod(method)) throw new TypeError(`${methodName} is not a method anymore.`);
  return method;
}

const isMethod = (value: unknown): value is Method => typeof value === 'function';
