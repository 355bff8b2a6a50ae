import type { Command } from 'commander';

import { addExamples, type Define } from '../terminal/command.js';
import { UsageError } from '../terminal/usage-error.js';
import type { Place } from './source.js';

const DIRECTORY = 'directory of the records; default AUDIT_DIRECTORY, or audit in STATE_DIRECTORY';

/** Adds the argument and the option for the place of the records. */
const addPlace = (command: Command): Command =>
  command
    .argument('[directory]', DIRECTORY)
    .option('--postgres', 'read from PostgreSQL, with the role of a reader in AUDIT_DATABASE_URL');

/** @throws {UsageError} when the records would be in two places */
function placeOf(directory: string | undefined, postgres = false): Place {
  if (postgres && directory !== undefined)
    throw new UsageError(`--postgres does not read the directory "${directory}". Leave one of them out.`);
  return { directory, postgres };
}

/** Defines `audit`. */
export const defineAudit: Define = (command, io) => {
  command.description('Verifies or lists the records of AUDIT=file or AUDIT=postgres.');
  addPlace(command.command('verify'))
    .description(
      'Verifies that no record was changed, removed or inserted. Exit code 1: one was, or there are no records.',
    )
    .option('--json', 'print JSON')
    .option('--closed', 'expect each chain to be closed, because all of its processes have stopped')
    .addOption(
      command
        .createOption('--sink <sink>', 'sink that the files are from, such as stdout; default file')
        .conflicts('postgres'),
    )
    .action(
      async (
        directory: string | undefined,
        options: { json?: true; closed?: true; postgres?: true; sink?: string },
      ) => {
        const { verify } = await import('./verify.js');
        await verify(placeOf(directory, options.postgres), options, io);
      },
    );
  addPlace(command.command('list'))
    .description('Lists records, one JSON object per line.')
    .option('--since <time>', 'records from this time on, such as 2026-11-26 (UTC) or 2026-11-26T12:00Z')
    .option('--until <time>', 'records before this time')
    .option('--event <event>', 'records of this event, such as tool.call')
    .option('--outcome <outcome>', 'success, failure or denied')
    .option('--organization <id>', 'records of this organization')
    .option('--subject <id>', 'records of this subject')
    .option('--client <id>', 'records of this client')
    .option('--tool <name>', 'records of this tool')
    .option('--format <format>', 'aerie, ecs or ocsf', 'aerie')
    .action(
      async (
        directory: string | undefined,
        { postgres, ...options }: { postgres?: true } & Record<string, string>,
      ) => {
        const { list } = await import('./list.js');
        await list(placeOf(directory, postgres), options, io);
      },
    );
  command
    .command('schema')
    .description('Prints the SQL that creates the table and the roles of AUDIT=postgres.')
    .action(async () => {
      const { AUDIT_SCHEMA } = await import('../../audit/postgres/schema.js');
      io.stdout.write(AUDIT_SCHEMA);
    });
  command
    .command('prune')
    .description('Drops old months from PostgreSQL, with the role of the owner in AUDIT_DATABASE_URL.')
    .option('--days <days>', 'age of the youngest record of a month to drop; default AUDIT_RETENTION_DAYS')
    .action(async ({ days }: { days?: string }) => {
      const { prune } = await import('./prune.js');
      await prune(days, io);
    });
  addExamples(command, [
    ['audit verify', 'has anybody changed a record?'],
    ['audit list --tool refund_invoice --since 2026-11-01', 'who refunded what this month?'],
    ['audit list --postgres --outcome denied --format ocsf', 'denials, for a SIEM'],
    ['audit schema | psql aerie', 'prepare PostgreSQL'],
    ['audit prune --days 365', 'drop what is older than a year'],
  ]);
};
