import { applyDecorators, UseFilters } from '@nestjs/common';

import { AuthErrorFilter } from './auth-error.filter.js';
import { routeMark } from './route-mark.js';

const { mark, isOn } = routeMark('PROTECTED');

/**
 * Requires a token on a route, or on all routes of a controller, of an application whose other routes Aerie's guard
 * leaves alone (`guard: 'mcp'`). It wins over `@Public()`.
 */
export const Protect = (): ClassDecorator & MethodDecorator =>
  // A filter of the application for all errors would otherwise answer without a challenge.
  applyDecorators(mark(), UseFilters(AuthErrorFilter));

/** Whether the handler or its controller is marked {@link Protect}. */
export const isProtected = isOn;
