import { addExamples, type Define } from '../terminal/command.js';

/** Defines `inspect`. */
export const defineInspect: Define = (command, io) => {
  command
    .description(
      'Opens the MCP Inspector in the browser, with the URL of the server filled in. npx downloads the Inspector ' +
        'once; it needs Node.js 22.19 or later. Without --url, the server is the one that runs from this folder.',
    )
    .option('--url <url>', 'URL of the MCP endpoint')
    .action(async (options: { readonly url?: string }) => {
      const { inspect } = await import('./inspect.js');
      io.exitCode = await inspect(options, io);
    });
  addExamples(command, [
    ['inspect', 'look at the server of this folder'],
    ['inspect --url https://mcp.example.com/mcp', 'look at another server'],
  ]);
};
