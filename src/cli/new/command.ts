import { Argument } from 'commander';

import { addExamples, type Define } from '../terminal/command.js';
import type { NewOptions } from './new.js';
import { type Kind, KINDS } from './templates.js';

/** Defines `new`. */
export const defineNew: Define = (command, io) => {
  command
    .description(
      'Writes a tool, resource or prompt with its spec, and adds it to the nearest module. Run it in the folder of ' +
        'package.json.',
    )
    .addArgument(new Argument('<kind>', 'what to write').choices(KINDS))
    .argument('<name>', 'name, such as order-status, or with folders, such as billing/invoice')
    .option(
      '--module <file>',
      'module that lists the providers (default: the nearest one, else the root module)',
    )
    .option('--no-spec', 'write no spec')
    .option('--dry-run', 'only print what would change')
    .action(async (kind: Kind, name: string, options: NewOptions) => {
      const { createOffer } = await import('./new.js');
      await createOffer(kind, name, options, io);
    });
  addExamples(command, [
    ['new tool order-status', 'write a tool, and add it to the root module or to src/tools/tools.module.ts'],
    ['new tool billing/invoice', 'write src/billing/invoice/invoice.tools.ts, for the module in src/billing'],
    ['new prompt review --module src/app.module.ts', 'write next to a module of your choice'],
  ]);
};
