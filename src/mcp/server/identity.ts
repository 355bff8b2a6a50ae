import type { Implementation } from '@modelcontextprotocol/server';

import type { Configuration } from '../../config/configuration.js';
import { VERSION } from '../../version.js';

/** Returns the name, version and other details that the server sends to clients. */
export function identityOf({ server }: Configuration): Implementation {
  const { name, title, description, version, websiteUrl, icons } = server;
  return {
    name,
    version: version ?? VERSION,
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    ...(websiteUrl !== undefined && { websiteUrl }),
    ...(icons && { icons }),
  };
}
