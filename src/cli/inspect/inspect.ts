import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { chooseTarget } from '../client/target.js';
import type { Io } from '../terminal/io.js';

const INSPECTOR = '@modelcontextprotocol/inspector@2';

/**
 * Runs the MCP Inspector until the user ends it.
 *
 * @returns its exit code
 */
export async function inspect(options: { readonly url?: string }, io: Io): Promise<number> {
  // The Inspector signs in by itself.
  const { url } = await chooseTarget({ ...options, signIn: true, browser: false }, io);
  const parameters = ['--web', '--transport', 'http', '--protocol-era', 'auto', '--server-url', url.href];
  const running = spawn('npx', ['--yes', INSPECTOR, ...parameters], {
    stdio: 'inherit',
    env: io.env,
    shell: process.platform === 'win32', // npx is a batch file there
  });
  const [code]: unknown[] = await once(running, 'exit');
  return typeof code === 'number' ? code : 1;
}
