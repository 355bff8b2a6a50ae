import { addClientOptions, CLIENT_HELP } from '../client/options.js';
import { addExamples, collect, type Define } from '../terminal/command.js';
import { UsageError } from '../terminal/usage-error.js';
import type { CallOptions } from './call.js';

/** Defines `call`. */
export const defineCall: Define = (command, io) => {
  command
    .description(`Calls a tool and prints its result. ${CLIENT_HELP}`)
    .argument('<tool>', 'name of the tool')
    .option(
      '--arg <name=value>',
      'argument; numbers and booleans by the schema of the tool; may be repeated',
      collect,
    )
    .option('--json-arg <name=json>', 'argument in JSON; may be repeated', collect);
  addClientOptions(command.allowExcessArguments()).action(async (tool: string, options: CallOptions) => {
    const [, further] = command.args;
    if (further !== undefined) {
      throw new UsageError(
        `"${further}" is no option. Write an argument of the tool as --arg name=value, or a list or an object as --json-arg name=<json>.`,
      );
    }
    const { call } = await import('./call.js');
    io.exitCode = await call(tool, options, io);
  });
  addExamples(command, [
    ['call greet_user --arg name=Saif', 'call a tool of the server of this folder, as Alice'],
    ['call add_todo --arg title=Milk --scope todo:write', 'call a tool that needs a further scope'],
    [
      'call search --json-arg \'filter={"open":true}\' --url https://mcp.example.com/mcp',
      'call a tool of another server, after a sign-in',
    ],
  ]);
};
