import type * as Sdk from '@modelcontextprotocol/client';

/**
 * Loads the official client SDK, which the server does not need and its image does not have.
 *
 * @throws when it is not installed
 */
export async function loadSdk(): Promise<typeof Sdk> {
  try {
    return await import('@modelcontextprotocol/client');
  } catch (cause) {
    throw new Error(
      'This command needs the MCP client SDK. Install it: npm install --save-dev @modelcontextprotocol/client',
      { cause },
    );
  }
}
