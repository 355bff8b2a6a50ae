import 'reflect-metadata';

import { RouteParamtypes } from '@nestjs/common/internal';
import type { Icon } from '@modelcontextprotocol/server';

import type { AccessDeclaration } from '../../auth/access/access-rule.js';

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

/** Returns the problems of declarations on members that cannot be offered, addressed to their author. */
export function misplacedOffersOf(type: object): readonly string[] {
  const misplaced: readonly string[] | undefined = Reflect.getMetadata(MISPLACED, type);
  return misplaced ?? [];
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
  const isStatic = typeof prototype === 'function';
  const type = isStatic ? prototype : prototype.constructor;
  classes.add(type);
  let problem: string;
  if (typeof method === 'function' && !isStatic && typeof methodName === 'string') {
    declareParameters(prototype, methodName);
    if (!Reflect.hasOwnMetadata(key, method)) return Reflect.defineMetadata(key, options ?? {}, method);
    problem = `${methodName}: it has ${decorator} twice, but a method can be offered only once. Write one method per declaration.`;
  } else {
    const what = isStatic ? 'a static member' : typeof methodName === 'symbol' ? 'a symbol' : 'a property';
    problem = `${String(methodName)}: ${decorator} is on ${what}. Put it on a named instance method.`;
  }
  Reflect.defineMetadata(MISPLACED, [...misplacedOffersOf(type), problem], type);
}
