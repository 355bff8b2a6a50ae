import { addExamples, collect, type Define } from '../terminal/command.js';
import { printable } from '../terminal/printable.js';
import { userOption } from '../terminal/user-option.js';
import { type TokenOptions, tokenRequest } from './token-request.js';

/** Defines `token`. */
export const defineToken: Define = (command, io) => {
  command
    .description(
      'Prints an access token of the embedded issuer for the server with the same environment; ' +
        'with --key, a token signed with your own key; ' +
        'with --verify, the contents of a token and whether it is valid.',
    )
    .option(
      '--expires <duration>',
      'lifetime of the token, such as 30m, 1h or 7d (default: 1h, or MAX_TOKEN_LIFETIME if that is shorter)',
    )

    .optionsGroup('Token of the embedded issuer:')
    .addOption(userOption())
    .option('--scope <scopes>', 'scopes, separated by spaces (default: the scopes of a first sign-in)')

    .optionsGroup('Token of your own key:')
    .option('--key <file>', 'private key that signs; with --verify, the public key')
    .option('--issuer <issuer>', '"iss"; with --verify, the only accepted one')
    .option('--audience <audience>', '"aud"; with --verify, an accepted one; may be repeated', collect)
    .option('--subject <subject>', '"sub"')
    .option('--client <client>', '"client_id"')
    .option('--organization <organization>', '"org_id"')
    .option('--scopes <scopes>', '"scope": scopes, separated by commas or spaces')
    .option('--claim <name=value>', 'a further claim; may be repeated', collect)

    .optionsGroup('Verification:')
    .option('--verify <token>', 'token to verify; "-" reads it from standard input')
    .option('--json', 'print the result of --verify as JSON')
    .action(async (options: TokenOptions) => {
      const { token } = await import('./token.js');
      io.stdout.write(`${printable(await token(tokenRequest(options), io))}\n`);
    });
  addExamples(command, [
    ['token', 'a token for Alice, with the scopes of a first sign-in'],
    ['token --user bob --scope "usr:read org:read"', 'a token for Bob, with two scopes'],
    [
      'token --key private.pem --issuer me --audience http://localhost:3002/mcp --subject a@example.com --scopes read',
      'a token signed with your own key',
    ],
    ['token --verify - --key public.pem', 'verify a token from standard input'],
  ]);
};
