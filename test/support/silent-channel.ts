import type { ClientChannel } from '../../src/mcp/context/client-channel.js';

/** Channel to a client that receives and sends nothing. */
export const SILENT_CHANNEL: ClientChannel = {
  capabilities: undefined,
  progress: undefined,
  notify: async () => {},
  log: async () => {},
  responses: {},
  state: undefined,
};
