import { type CustomDecorator, SetMetadata, type Type } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';

/** Decorator that marks a route, or all routes of a controller, and the check for it. */
export interface RouteMark {
  readonly mark: () => CustomDecorator<symbol>;
  /** Whether the handler or its controller is marked. */
  readonly isOn: (
    reflector: Reflector,
    handler: Parameters<Reflector['get']>[1],
    controller: Type,
  ) => boolean;
}

export function routeMark(name: string): RouteMark {
  const key = Symbol(name);
  return {
    mark: () => SetMetadata(key, true),
    isOn: (reflector, handler, controller) =>
      reflector.getAllAndOverride<boolean | undefined>(key, [handler, controller]) === true,
  };
}
