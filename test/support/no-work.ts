import type { Work } from '../../src/mcp/context/work.js';

/** Request work that does not count as in flight. */
export const NO_WORK: Work = {
  isRunning: false,
  begin: () => () => {},
  pause: () => {},
  resume: () => {},
  stopWaiting: () => {},
  holdUnread: () => true,
};
