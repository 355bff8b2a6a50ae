import { addExamples, collect, type Define } from '../terminal/command.js';
import { printable } from '../terminal/printable.js';
import { DEFAULT_CLOCK_MARGIN, type RevokeOptions, revokeRequest } from './revoke-request.js';

/** Defines `revoke`. */
export const defineRevoke: Define = (command, io) => {
  command
    .description(
      'Revokes the selected tokens issued up to now (with a margin), at every instance within a second. ' +
        'Selects by exactly one of --token-id, --subject, --client and --organization. --organization may also ' +
        'restrict --subject or --client, and --issuer any of them.',
    )
    .optionsGroup('Selection:')
    .option('--token-id <id>', 'one token, by its "jti"', collect)
    .option('--subject <id>', 'a person or a machine, by "sub"', collect)
    .option('--client <id>', 'an application, by "client_id"', collect)
    .option('--organization <id>', 'all members of an organization, by "oid"', collect)
    .option('--issuer <issuer>', 'only tokens of this issuer, by "iss"', collect)

    .optionsGroup('Action:')
    .option(
      '--for <duration>',
      'also reject tokens issued later, for this time: 30s, 10m, 1h, 7d (at most 24d)',
    )
    .option(
      '--clock-margin <duration>',
      `how far the issuer's clock may be ahead: tokens issued until then are rejected too; 0s for none (default: ${DEFAULT_CLOCK_MARGIN})`,
    )
    .option('--undo', 'undo the revocation of the selected tokens')
    .option('--by <name>', 'who revokes, for the audit trail; default the user of the operating system')
    .option('--list', 'list all revocations')
    .option('--json', 'print the list as JSON')
    .action(async (options: RevokeOptions) => {
      const request = revokeRequest(options);
      const { revokeTokens } = await import('./revoke.js');
      const warn = (text: string): void => void io.stderr.write(`Warning: ${printable(text)}\n`);
      io.stdout.write(`${printable(await revokeTokens(request, warn))}\n`);
    });
  addExamples(command, [
    ['revoke --subject usr_1', "revoke a person's tokens"],
    [
      'revoke --client skc_1 --organization org_1 --for 1h',
      'lock an application out of an organization for an hour',
    ],
    ['revoke --undo --subject usr_1', 'undo it'],
    ['revoke --list', 'list all revocations'],
  ]);
};
