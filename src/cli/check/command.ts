import { addExamples, type Define } from '../terminal/command.js';
import type { CheckOptions } from './check.js';

/** Defines `check`. */
export const defineCheck: Define = (command, io) => {
  command
    .description(
      'Checks whether the server would start with this environment, without serving requests. ' +
        'Lists every problem with its fix. A deployment runs it once before it starts instances.',
    )
    .option(
      '--offline',
      'check without a network: skip the databases and Redis, and only warn about failures of your own ' +
        'providers that are not caused by an invalid declaration or setting',
    )
    .option('--json', 'print the result as JSON')
    .action(async (options: CheckOptions) => {
      const { check } = await import('./check.js');
      io.exitCode = await check(options, io);
    });
  addExamples(command, [
    ['check', 'check this environment'],
    ['check --offline --json', 'check in a build pipeline, for a program'],
  ]);
};
