import type { ClientChannel } from '../../src/mcp/context/client-channel.js';

/** A client that is told nothing and has answered nothing. */
export const SILENT_CHANNEL: ClientChannel = {
  capabilities: undefined,
  progressToken: undefined,
  notify: async () => {},
  log: async () => {},
  responses: {},
  state: undefined,
};
