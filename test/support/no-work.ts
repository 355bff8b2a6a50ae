import type { Work } from '../../src/mcp/context/work.js';

/** Work of a request that takes no place. */
export const NO_WORK: Work = {
  isRunning: false,
  begin: () => () => {},
  pause: () => {},
  resume: () => {},
};
