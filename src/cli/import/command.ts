import { Argument } from 'commander';

import { addExamples, collect, type Define } from '../terminal/command.js';
import type { ImportOptions } from './import-api.js';

/** Defines `import`. */
export const defineImport: Define = (command, io) => {
  command
    .description(
      'Writes tools for operations of an OpenAPI document: a mapping to review, the part of the document that it ' +
        'needs, and a spec. Run it in the folder of package.json.',
    )
    .addArgument(new Argument('<kind>', 'kind of document').choices(['openapi']))
    .argument('<document>', 'JSON or YAML file, or a URL')
    .option(
      '--operation <id>',
      'operation id, or method and path such as "GET /pets"; may be repeated',
      collect,
    )
    .option('--tag <tag>', 'all operations of a tag; may be repeated', collect)
    .option('--list', 'list the operations of the document, and write nothing')
    .option(
      '--name <name>',
      'name of the API, for files, scopes and messages (default: the title of the document)',
    )
    .option('--base-url <url>', 'URL that paths are appended to (default: the first server of the document)')
    .option(
      '--module <file>',
      'module that imports the tools (default: the nearest one, else the root module)',
    )
    .option('--no-spec', 'write no spec')
    .option('--dry-run', 'only print what would change')
    .action(async (_kind: string, document: string, options: ImportOptions) => {
      const { importApi } = await import('./import-api.js');
      await importApi(document, options, io);
    });
  addExamples(command, [
    ['import openapi billing.yaml --list', 'see which operations there are'],
    ['import openapi billing.yaml --operation getInvoice --name billing', 'write the tools of one operation'],
    ['import openapi https://api.example.com/openapi.json --tag invoices', 'write the tools of a tag'],
  ]);
};
