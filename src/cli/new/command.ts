import { Argument } from 'commander';

import { addExamples, type Define } from '../terminal/command.js';
import type { NewOptions } from './new.js';
import { type Kind, KINDS } from './templates.js';

/** Defines `new`. */
export const defineNew: Define = (command, io) => {
  command
    .description(
      'Writes a tool, resource or prompt with its spec, and adds it to the module. Run it in the folder of ' +
        'package.json.',
    )
    .addArgument(new Argument('<kind>', 'what to write').choices(KINDS))
    .argument('<name>', 'name, such as order-status')
    .option('--module <file>', 'module that lists the providers', 'src/tools/tools.module.ts')
    .action(async (kind: Kind, name: string, options: NewOptions) => {
      const { createOffer } = await import('./new.js');
      await createOffer(kind, name, options, io);
    });
  addExamples(command, [
    ['new tool order-status', 'write src/tools/order-status/order-status.tools.ts'],
    ['new resource order', 'write src/tools/order/order.resource.ts'],
    ['new prompt review --module src/app.module.ts', 'write next to another module'],
  ]);
};
