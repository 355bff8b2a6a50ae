import type { Type } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';

import { DEFAULT_ENDPOINT, servedBy } from '../routes/endpoint-name.js';
import { protectedBy } from './protect.decorator.js';
import { isPublic } from './public.decorator.js';

/**
 * Routes that the guard covers: all that are not marked `@Public()` (`global`), or of those only the MCP endpoint and
 * the routes marked `@Protect()` (`mcp`), in an application with other guards.
 */
export type GuardedRoutes = 'global' | 'mcp';

/** Injection token of the {@link GuardedRoutes}. */
export const GUARDED_ROUTES = Symbol('GUARDED_ROUTES');

/**
 * Returns the endpoint whose guard covers a route, or undefined if none does.
 *
 * @param routes what the guard of the default endpoint covers
 */
export function guardingEndpoint(
  reflector: Reflector,
  handler: Parameters<Reflector['get']>[1],
  controller: Type,
  routes: GuardedRoutes,
): string | undefined {
  const endpoint = servedBy(reflector, controller) ?? protectedBy(reflector, handler, controller);
  if (endpoint !== undefined) return endpoint;
  return routes === 'global' && !isPublic(reflector, handler, controller) ? DEFAULT_ENDPOINT : undefined;
}
