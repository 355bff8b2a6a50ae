import { routeMark } from './route-mark.js';

const { mark, isOn } = routeMark('PUBLIC');

/** Opens a route, or all routes of a controller, to callers without a token. All other routes require one. */
export const Public = mark;

/** Whether the handler or its controller is marked {@link Public}. */
export const isPublic = isOn;
