import type { Type } from '@nestjs/common';

/** Returns the controller, or a subclass with the decorators, so that the controller itself stays as it is. */
export function decorated(controller: Type<object>, decorators: readonly ClassDecorator[]): Type<object> {
  if (decorators.length === 0) return controller;
  class Decorated extends controller {}
  Object.defineProperty(Decorated, 'name', { value: controller.name });
  decorators.forEach((decorate) => decorate(Decorated));
  return Decorated;
}
