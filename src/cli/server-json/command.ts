import { loadOptional } from '../../values/load-optional.js';
import { addExamples, type Define } from '../terminal/command.js';
import type { ServerJsonOptions } from './server-json.js';

/** Defines `server-json`. */
export const defineServerJson: Define = (command, io) => {
  command
    .description(
      'Prints server.json, with which the MCP registry lists the server. ' +
        'Everything comes from the environment: RESOURCE_URL, SERVER_NAME and the other variables of the server.',
    )
    .option('--out <file>', 'write to this file; overwrites it')
    .action(async (options: ServerJsonOptions) => {
      const { serverJson } = await loadOptional(
        'server-json',
        ['ipaddr.js'],
        () => import('./server-json.js'),
      );
      io.exitCode = await serverJson(options, io);
    });
  addExamples(command, [
    ['server-json', 'print the entry'],
    ['server-json --out server.json', 'write it, for mcp-publisher publish'],
  ]);
};
