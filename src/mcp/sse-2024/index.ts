/** HTTP+SSE of revision 2024-11-05. When it is no longer needed, delete this folder and its import. */
export { SseController } from './sse.controller.js';
export { V1Servers } from './v1-servers.js';
