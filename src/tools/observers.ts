import type { Observer } from '../mcp/index.js';

/** Observers of requests, calls and errors of this deployment, such as an error tracker. See docs/observability.md. */
export const OBSERVERS: readonly Observer[] = [];
