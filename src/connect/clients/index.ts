import { ASSISTANTS } from './assistants.js';
import type { ClientGroup, ClientSetup, ServerAddress } from './client-setup.js';
import { CODING_AGENTS } from './coding-agents.js';
import { TOOLS } from './tools.js';

/** Setup of every client that the connect page and the documentation describe. */
export const CLIENT_GROUPS: readonly ClientGroup[] = [
  { title: 'Editors and coding agents', clients: CODING_AGENTS },
  { title: 'Assistants and automation', clients: ASSISTANTS },
  { title: 'Everything else', clients: TOOLS },
];

/** Whether a client can reach the server: the vendor's cloud needs a public https URL. */
export function canReach({ isInCloud = false }: ClientSetup, { url }: ServerAddress): boolean {
  return !isInCloud || url.startsWith('https:');
}

/** Returns a name for configuration files and commands, which need no quotes around it. */
export const plainName = (name: string): string =>
  name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '') || 'mcp-server';
