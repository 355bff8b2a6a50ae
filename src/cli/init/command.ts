import { addExamples, type Define } from '../terminal/command.js';
import type { InitOptions } from './init.js';

/** Defines `init`. */
export const defineInit: Define = (command, io) => {
  command
    .description(
      'Adds Aerie to the NestJS application in this folder: the import in the root module, a first tool with its ' +
        'spec, the dependencies, and the variables in .env.example. Changes nothing that is there already.',
    )
    .option('--tool <name>', 'name of the first tool', 'example')
    .option('--module <file>', 'root module (default: the one that src/main.ts creates the application from)')
    .option('--dry-run', 'only print what would change')
    .action(async (options: InitOptions) => {
      const { init } = await import('./init.js');
      await init(options, io);
    });
  addExamples(command, [
    ['init --dry-run', 'see what would change'],
    ['init --tool order-status', 'add Aerie, with a tool of your own'],
  ]);
};
