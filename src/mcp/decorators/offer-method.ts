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

/**
 * Marks a method as offering something.
 *
 * @param decorator its name, for the error
 * @throws {TypeError} where it is no ordinary method
 */
export function markOffer(
  key: symbol,
  options: object,
  decorator: string,
  prototype: object,
  methodName: string | symbol,
  method: unknown,
): void {
  if (typeof method !== 'function' || typeof prototype === 'function' || typeof methodName === 'symbol') {
    throw new TypeError(`${decorator} belongs on an ordinary method: ${String(methodName)} is not one.`);
  }
  Reflect.defineMetadata(key, options, method);
  declareParameters(prototype, methodName);
}
