import { type CustomDecorator, SetMetadata, type Type } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';

const PUBLIC = Symbol('PUBLIC');

/** Opens a route, or all routes of a controller, to callers without a token. All other routes require one. */
export const Public = (): CustomDecorator<symbol> => SetMetadata(PUBLIC, true);

/** Whether the handler or its controller is marked {@link Public}. */
export function isPublic(
  reflector: Reflector,
  handler: Parameters<Reflector['get']>[1],
  controller: Type,
): boolean {
  return reflector.getAllAndOverride<boolean | undefined>(PUBLIC, [handler, controller]) === true;
}
