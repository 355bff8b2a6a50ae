import { addClientOptions, CLIENT_HELP, type ClientOptions } from '../client/options.js';
import { addExamples, type Define } from '../terminal/command.js';

/** Defines `list`. */
export const defineList: Define = (command, io) => {
  command.description(`Lists the tools, resources and prompts that a caller sees. ${CLIENT_HELP}`);
  addClientOptions(command).action(async (options: ClientOptions) => {
    const { list } = await import('./list.js');
    await list(options, io);
  });
  addExamples(command, [
    ['list', 'what the server of this folder offers Alice'],
    ['list --user bob --json', 'what it offers Bob, for a program'],
    ['list --url https://mcp.example.com/mcp', 'what another server offers you, after a sign-in'],
  ]);
};
