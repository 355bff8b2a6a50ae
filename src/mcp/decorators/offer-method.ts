import 'reflect-metadata';

import { RouteParamtypes } from '@nestjs/common/internal';
import type { Icon } from '@modelcontextprotocol/server';

import type { AccessDeclaration } from '../../auth/access/access-rule.js';
import { declaresMethod, replacedWithGetter } from '../../values/declared-method.js';
import { isObject } from '../../values/is-object.js';

/** Rate in the format of `parseRate`. */
type RateText = `${number}/${'s' | 'min' | 'h'}`;

/** Options that tools, resources and prompts share. */
export interface OfferOptions extends AccessDeclaration {
  /** Display name for people. */
  readonly title?: string;
  /** Icons for people (MCP specification, Icon). */
  readonly icons?: readonly Icon[];
  /** Additional metadata for clients (MCP specification, `_meta`). */
  readonly _meta?: Readonly<Record<string, unknown>>;
  /** Maximum duration of a call in milliseconds. Default: `TOOL_TIMEOUT`. */
  readonly timeout?: number;
  /** Excludes its scopes from the first sign-in, even if a read-only tool needs them. A call requests them instead. */
  readonly elevated?: boolean;
  /** Rate limit per caller, such as `10/min`. Default: `RATE_LIMIT_TOOL` for tools, none for resources and prompts. */
  readonly rateLimit?: RateText;
  /** Number of calls that one call, read or get counts as in every limit. Default: 1. */
  readonly cost?: number;
}

declare const NO_ARGUMENTS: unique symbol;

/**
 * Input of a method whose declaration has no arguments. Its own member lets TypeScript reject a parameter with optional
 * members only: the two have no properties in common.
 */
export interface NoArguments {
  readonly [name: string]: never;
  readonly [NO_ARGUMENTS]?: never;
}

/** Metadata key of an offered method's parameters, as NestJS's `ExternalContextCreator` reads them. */
export const OFFER_PARAMETERS = 'aerie:offer-parameters';

/** Declares to NestJS's pipes that a method's first parameter is the caller's input, like a request body. */
export function declareParameters(prototype: object, methodName: string): void {
  Reflect.defineMetadata(
    OFFER_PARAMETERS,
    {
      [`${RouteParamtypes.BODY}:0`]: { index: 0, data: undefined, pipes: [] },
      [`${RouteParamtypes.REQUEST}:1`]: { index: 1, data: undefined, pipes: [] },
    },
    prototype.constructor,
    methodName,
  );
}

const MISPLACED = Symbol('MISPLACED');

const classes = new Set<DeclaringClass>();

/** Class with declared tools, resources or prompts. */
export interface DeclaringClass {
  readonly name: string;
  readonly prototype: object;
}

/** All loaded classes with declarations, whether or not a module provides them. */
export const declaringClasses: ReadonlySet<DeclaringClass> = classes;

const leftOut = new Set<object>();

/**
 * Excludes the declarations of these classes from this deployment, so that startup does not warn about them.
 *
 * @returns an empty list of providers
 * @example
 * ```ts
 * providers: database ? [TodoTools] : leaveOut(TodoTools)
 * ```
 */
export function leaveOut(...types: readonly DeclaringClass[]): [] {
  for (const type of types) leftOut.add(type);
  return [];
}

/** Whether `leaveOut` excludes a class. */
export const isLeftOut = (type: DeclaringClass): boolean => leftOut.has(type);

const MARKS = Symbol('MARKS');

/** Decorator on a method. */
interface Mark {
  /** Key of the metadata that the decorator adds to the method. */
  readonly key: symbol;
  readonly decorator: string;
  readonly methodName: string;
}

/** Returns the problems of decorators on members of a class and its base classes that cannot be offered. */
export function misplacedOffersOf(prototype: object): string[] {
  const base: unknown = Object.getPrototypeOf(prototype);
  const ofBase = isObject(base) ? misplacedOffersOf(base) : [];
  if (!Object.hasOwn(prototype, 'constructor')) return ofBase;
  const { constructor: type } = prototype;
  const replaced = marksOf(type).flatMap(({ key, decorator, methodName }) => {
    const method: unknown = Object.getOwnPropertyDescriptor(prototype, methodName)?.value;
    if (typeof method !== 'function') return replacedWithGetter(methodName, decorator);
    if (Reflect.hasMetadata(key, method)) return [];
    return `${methodName}: a decorator above ${decorator} replaces the method, so ${decorator} has no effect. Move ${decorator} to the top.`;
  });
  return [...problemsOf(type), ...replaced].map((problem) => `${type.name}.${problem}`).concat(ofBase);
}

function problemsOf(type: object): readonly string[] {
  const misplaced: readonly string[] | undefined = Reflect.getOwnMetadata(MISPLACED, type);
  return misplaced ?? [];
}

function marksOf(type: object): readonly Mark[] {
  const marks: readonly Mark[] | undefined = Reflect.getOwnMetadata(MARKS, type);
  return marks ?? [];
}

/**
 * Marks a method as offered. A decorator on anything other than an ordinary method is recorded, and startup fails.
 *
 * @param options undefined if JavaScript calls the decorator without options; startup reports the missing members
 * @param decorator name of the decorator, for messages
 */
export function markOffer(
  key: symbol,
  options: object | undefined,
  decorator: string,
  prototype: object,
  methodName: string | symbol,
  method: unknown,
): void {
  classes.add(typeof prototype === 'function' ? prototype : prototype.constructor);
  const isMarked = markMethod(key, options, decorator, prototype, methodName, method);
  if (isMarked) declareParameters(prototype, String(methodName));
}

/**
 * Adds the metadata of a decorator to its method. Anything other than an ordinary method is recorded.
 *
 * @returns whether the method has the metadata
 */
export function markMethod(
  key: symbol,
  options: object | undefined,
  decorator: string,
  prototype: object,
  methodName: string | symbol,
  method: unknown,
): boolean {
  const isStatic = typeof prototype === 'function';
  const type = isStatic ? prototype : prototype.constructor;
  let problem: string;
  if (typeof method === 'function' && !isStatic && typeof methodName === 'string') {
    const marks = marksOf(type);
    if (!marks.some((mark) => mark.key === key && mark.methodName === methodName)) {
      Reflect.defineMetadata(MARKS, [...marks, { key, decorator, methodName }], type);
      Reflect.defineMetadata(key, options ?? {}, method);
      return true;
    }
    problem = `${methodName}: it has ${decorator} twice, but a method can be offered only once. Write one method per declaration.`;
  } else if (!isStatic && typeof methodName === 'string' && declaresMethod(prototype, methodName)) {
    problem = replacedWithGetter(methodName, decorator);
  } else {
    const what = isStatic ? 'a static member' : typeof methodName === 'symbol' ? 'a symbol' : 'a property';
    problem = `${String(methodName)}: ${decorator} is on ${what}. Put it on a named instance method.`;
  }
  Reflect.defineMetadata(MISPLACED, [...problemsOf(type), problem], type);
  return false;
}
