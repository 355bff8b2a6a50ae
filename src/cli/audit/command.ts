import { addExamples, type Define } from '../terminal/command.js';

/** Defines `audit`. */
export const defineAudit: Define = (command, io) => {
  command.description('Verifies or lists the records that AUDIT=file wrote.');
  command
    .command('verify')
    .argument('[directory]', 'directory of the records; default AUDIT_DIRECTORY, or audit in STATE_DIRECTORY')
    .description(
      'Verifies that no record was changed, removed or inserted. Exit code 1: one was, or there are no records.',
    )
    .option('--json', 'print JSON')
    .action(async (directory: string | undefined, options: { json?: true }) => {
      const { verify } = await import('./verify.js');
      await verify(directory, options, io);
    });
  command
    .command('list')
    .argument('[directory]', 'directory of the records; default AUDIT_DIRECTORY, or audit in STATE_DIRECTORY')
    .description('Lists records, one JSON object per line.')
    .option('--since <time>', 'records from this time on, such as 2026-11-26 or 2026-11-26T12:00Z')
    .option('--until <time>', 'records before this time')
    .option('--event <event>', 'records of this event, such as tool.call')
    .option('--outcome <outcome>', 'success, failure or denied')
    .option('--organization <id>', 'records of this organization')
    .option('--subject <id>', 'records of this subject')
    .option('--tool <name>', 'records of this tool')
    .option('--format <format>', 'aerie, ecs or ocsf', 'aerie')
    .action(async (directory: string | undefined, options: Record<string, string>) => {
      const { list } = await import('./list.js');
      await list(directory, options, io);
    });
  addExamples(command, [
    ['audit verify', 'has anybody changed a record?'],
    ['audit list --tool refund_invoice --since 2026-11-01', 'who refunded what this month?'],
    ['audit list --outcome denied --format ocsf', 'denials, for a SIEM'],
  ]);
};
