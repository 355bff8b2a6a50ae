import { Controller, SetMetadata, type Type, VERSION_NEUTRAL } from '@nestjs/common';

import { serves } from './endpoint-name.js';
import { withoutSlash } from '../values/without-slash.js';

/** Keeps routes that no REST client uses out of the document of `@nestjs/swagger`, as its `@ApiExcludeController()` does. */
const ExcludeFromOpenApi = (): ClassDecorator => SetMetadata('swagger/apiExcludeController', [true]);

/** Returns a subclass of the controller with the decorators, so that the controller itself stays as it is. */
export function decorated(controller: Type<object>, decorators: readonly ClassDecorator[]): Type<object> {
  class Decorated extends controller {}
  Object.defineProperty(Decorated, 'name', { value: controller.name });
  [ExcludeFromOpenApi(), ...decorators].forEach((decorate) => decorate(Decorated));
  return Decorated;
}

/** Address of an endpoint, and what its controllers have in common. */
export interface EndpointRoutes {
  /** Name of the endpoint. */
  readonly endpoint: string;
  /** Path of the endpoint, such as `/mcp` or `/`. */
  readonly path: string;
  /** Class decorators of the application for the controllers. */
  readonly decorators: readonly ClassDecorator[];
}

/** Returns a controller for one endpoint. Endpoints share its code, but not its class, which has the path. */
export const servedAt = (
  controller: Type<object>,
  { endpoint, path, decorators }: EndpointRoutes,
): Type<object> =>
  decorated(controller, [...decorators, serves(endpoint), Controller({ path, version: VERSION_NEUTRAL })]);

/** Returns a controller for one endpoint that needs no token, at a path below it. */
export const openBelow = (
  controller: Type<object>,
  below: string,
  { path, decorators }: Pick<EndpointRoutes, 'path' | 'decorators'>,
): Type<object> =>
  decorated(controller, [
    ...decorators,
    Controller({ path: `${withoutSlash(path)}/${below}`, version: VERSION_NEUTRAL }),
  ]);
