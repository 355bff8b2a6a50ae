import type { CustomDecorator } from '@nestjs/common';

import { type RouteMark, routeMark } from './route-mark.js';

const { mark, isMarked, isMarkedItself, valueOf } = routeMark<true>('PUBLIC');

/** Opens a route, or all routes of a controller, to callers without a token. All other routes require one. */
export const Public = (): CustomDecorator<symbol> => mark(true);

/** Whether the handler or its controller is marked {@link Public}. */
export const isPublic = (...route: Parameters<RouteMark<true>['valueOf']>): boolean =>
  valueOf(...route) === true;

/** Whether a handler is marked {@link Public}. */
export const isPublicHandler = isMarked;

/** Whether a class is marked {@link Public}, and not only its base class. */
export const isPublicItself = isMarkedItself;
