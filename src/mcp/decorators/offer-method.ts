import 'reflect-metadata';

import { RouteParamtypes } from '@nestjs/common/internal';
import type { Icon } from '@modelcontextprotocol/server';

import type { AccessDeclaration } from '../../auth/access/access-rule.js';

/** What every tool, resource and prompt may say of itself. */
export interface OfferOptions extends AccessDeclaration {
  /** For people. */
  readonly title?: string;
  /** Pictures for people (MCP specification, Icon). */
  readonly icons?: readonly Icon[];
  /** Further members for clients that know them (MCP specification, `_meta`). */
  readonly _meta?: Readonly<Record<string, unknown>>;
  /** Longest time that a call may take, milliseconds; default `TOOL_TIMEOUT`. */
  readonly timeout?: number;
  /** Leaves its scopes out of the first sign-in, even if a read-only tool needs them: a call asks for them. */
  readonly elevated?: boolean;
}

/** Metadata key of an offered method's parameters, in the form that NestJS's `ExternalContextCreator` reads. */
export const OFFER_PARAMETERS = 'aerie:offer-parameters';

/** Tells NestJS's pipes that a method's first parameter is the caller's input, as a request body would be. */
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

/** A class that declares something on offer. */
export interface DeclaringClass {
  readonly name: string;
  readonly prototype: object;
}

/** All classes loaded so far that declare something on offer, whether or not a module provides them. */
export const declaringClasses: ReadonlySet<DeclaringClass> = classes;

const leftOut = new Set<object>();

/**
 * Says that this deployment does not offer what these classes declare, so that startup does not warn of it.
 *
 * @returns no providers
 * @example
 * ```ts
 * providers: database ? [TodoTools] : leaveOut(TodoTools)
 * ```
 */
export function leaveOut(...types: readonly DeclaringClass[]): [] {
  for (const type of types) leftOut.add(type);
  return [];
}

/** Whether a class is left out on purpose. */
export const isLeftOut = (type: DeclaringClass): boolean => leftOut.has(type);

/** The declarations of a class that cannot be offered, in words for its author. */
export function misplacedOffersOf(type: object): readonly string[] {
  const misplaced: readonly string[] | undefined = Reflect.getMetadata(MISPLACED, type);
  return misplaced ?? [];
}

/**
 * Marks a method as offering something. What is not an ordinary method is remembered for the start, which refuses it.
 *
 * @param options undefined where JavaScript calls the decorator without any: startup says what is missing
 * @param decorator its name, for the error
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
    problem = `${methodName}: it has ${decorator} twice, but a method can be offered once. Write a method for each.`;
  } else {
    const what = isStatic ? 'a static member' : typeof methodName === 'symbol' ? 'a symbol' : 'a property';
    problem = `${String(methodName)}: ${decorator} is on ${what}. Put it on an ordinary method, with a name, of an instance.`;
  }
  Reflect.defineMetadata(MISPLACED, [...misplacedOffersOf(type), problem], type);
}
