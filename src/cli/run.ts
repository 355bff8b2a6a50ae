import { Command, CommanderError } from 'commander';

import { VERSION } from '../version.js';
import { COMMANDS } from './commands.js';
import type { Io } from './terminal/io.js';
import { printable } from './terminal/printable.js';
import { UsageError } from './terminal/usage-error.js';

const EXIT_CODES = `
Exit codes:
  0  success
  1  findings or a failure
  2  invalid command line
`;

/**
 * Runs one command line.
 *
 * @param argv words after the name of the program
 * @returns the exit code: 0 for success, 1 for findings or a failure, 2 for an invalid command line
 */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  const program = new Command(programName(io.env))
    .description('Runs, checks and operates an MCP server made with Aerie.')
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .addHelpText('after', EXIT_CODES)
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
    })
    .exitOverride();
  let chosen = program;
  const [name, part] = argv.filter((word) => word !== 'help' && !word.startsWith('-'));
  for (const entry of COMMANDS) {
    const command = program.command(entry.name).summary(entry.summary);
    if (entry.name !== name) continue;
    (await entry.load())(command, io);
    chosen = command.commands.find((subcommand) => subcommand.name() === part) ?? command;
    const words = chosen === command ? name : `${name} ${part}`;
    chosen.showHelpAfterError(`See "${program.name()} ${words} --help".`);
  }
  try {
    refuseTaken(chosen, io.env);
    await program.parseAsync(argv, { from: 'user' });
    return Number(io.exitCode ?? 0);
  } catch (error) {
    return exitCodeOf(error, chosen, io);
  }
}

/** Options whose names `.npmrc` may set for npm itself. So may `scope`, to the scope of packages. */
const SETTINGS_OF_NPM: ReadonlySet<string> = new Set(['browser', 'json', 'key', 'offline', 'tag']);

/**
 * Refuses to run without an option that npm took for one of its own, because `--` was missing: another user would call,
 * or a dry run would write.
 *
 * @throws {UsageError}
 */
function refuseTaken(command: Command, env: NodeJS.ProcessEnv): void {
  const { npm_lifecycle_event: script } = env;
  if (script === undefined || script === 'npx') return;
  for (const option of command.options) {
    // npm reads --no-spec as the value false of "spec".
    const name = option.negate ? option.name().replace(/^no-/, '') : option.name();
    const taken = env[`npm_config_${name.replaceAll('-', '_')}`];
    const isSetting = SETTINGS_OF_NPM.has(name) || (name === 'scope' && taken?.startsWith('@'));
    if (taken === undefined || isSetting) continue;
    throw new UsageError(
      `npm took --${option.name()} for an option of its own. Write -- before the options: npm run ${script} -- …`,
    );
  }
}

function exitCodeOf(error: unknown, command: Command, io: Io): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (!(error instanceof UsageError)) {
    io.stderr.write(`${printable(error instanceof Error ? error.message : String(error))}\n`);
    return 1;
  }
  try {
    return command.error(`error: ${error.message}`);
  } catch {
    return 2; // command.error() has written the message, and threw
  }
}

/** Returns how the reader called the program, for examples that can be copied. */
function programName({ npm_lifecycle_event: script }: NodeJS.ProcessEnv): string {
  if (script === undefined) return 'aerie-mcp';
  return script === 'npx' ? 'npx aerie-mcp' : 'npm run aerie --';
}
