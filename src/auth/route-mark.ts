import { type CustomDecorator, SetMetadata, type Type } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';

/** Decorator that marks a route, or all routes of a controller, with a value. */
export interface RouteMark<Value> {
  readonly mark: (value: Value) => CustomDecorator<symbol>;
  /** Whether a method is marked. */
  readonly isMarked: (target: object) => boolean;
  /** Whether a class is marked itself. Marks of its base classes do not count. */
  readonly isMarkedItself: (type: object) => boolean;
  /** Returns the value of the handler, or else of its controller; undefined if neither is marked. */
  readonly valueOf: (
    reflector: Reflector,
    handler: Parameters<Reflector['get']>[1],
    controller: Type,
  ) => Value | undefined;
}

export function routeMark<Value>(name: string): RouteMark<Value> {
  const key = Symbol(name);
  return {
    mark: (value) => SetMetadata(key, value),
    isMarked: (target) => Reflect.hasMetadata(key, target),
    isMarkedItself: (type) => Reflect.hasOwnMetadata(key, type),
    valueOf: (reflector, handler, controller) =>
      reflector.getAllAndOverride<Value | undefined>(key, [handler, controller]),
  };
}
