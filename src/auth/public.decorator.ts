import { type CustomDecorator, SetMetadata, type Type } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';

const PUBLIC = Symbol('PUBLIC');

/** Opens a route, or all routes of a controller, to callers without a token. Everything else is closed. */
export const Public = (): CustomDecorator<symbol> => SetMetadata(PUBLIC, true);

/** Whether {@link Public} stands on the handler or its controller. */
export function isPublic(
  reflector: Reflector,
  handler: Parameters<Reflector['get']>[1],
  controller: Type,
): boolean {
  return reflector.getAllAndOverride<boolean | undefined>(PUBLIC, [handler, controller]) === true;
}
