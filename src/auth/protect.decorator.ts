import { type CustomDecorator, SetMetadata, type Type } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';

const PROTECTED = Symbol('PROTECTED');

/**
 * Requires a token on a route, or on all routes of a controller, of an application whose other routes Aerie's guard
 * leaves alone (`guard: 'mcp'`). It wins over `@Public()`.
 */
export const Protect = (): CustomDecorator<symbol> => SetMetadata(PROTECTED, true);

/** Whether the handler or its controller is marked {@link Protect}. */
export function isProtected(
  reflector: Reflector,
  handler: Parameters<Reflector['get']>[1],
  controller: Type,
): boolean {
  return reflector.getAllAndOverride<boolean | undefined>(PROTECTED, [handler, controller]) === true;
}
