import { type Command, Option } from 'commander';

import { userOption } from '../terminal/user-option.js';

/** Options of the commands that call a server. */
export interface ClientOptions {
  readonly url?: string;
  readonly token?: string;
  readonly signIn?: true;
  /** False with --no-browser. */
  readonly browser: boolean;
  readonly user?: string;
  readonly scope?: string;
  readonly json?: true;
}

/** Describes how the commands that call a server choose it and a token. */
export const CLIENT_HELP =
  'Without --url, the server is the one that runs from this folder. A server with an embedded issuer gets a token ' +
  'for Alice; any other, one of a sign-in in the browser. Nothing of a sign-in is stored.';

/** Adds the options of {@link ClientOptions}. */
export function addClientOptions(command: Command): Command {
  return command
    .option('--url <url>', 'URL of the MCP endpoint')
    .option('--token <token>', 'access token; "-" reads it from standard input')
    .addOption(
      new Option(
        '--sign-in',
        'sign in through the browser, at a server with an embedded issuer too',
      ).conflicts('token'),
    )
    .option('--no-browser', 'print the URL of the sign-in and do not open it')
    .addOption(userOption().conflicts(['url', 'token', 'signIn']))
    .addOption(new Option('--scope <scopes>', 'scopes to ask for, separated by spaces').conflicts('token'))
    .option('--json', 'print the result as JSON');
}
