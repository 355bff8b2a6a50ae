import { existsSync, readFileSync } from 'node:fs';

import { Command, CommanderError } from 'commander';
import { parse } from 'yaml';
import { z } from 'zod';

import { COMMANDS } from '../../../src/cli/commands.js';
import type { ShellCommand } from './shell.js';

const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync('package.json', 'utf8')));
const composed = z.object({ services: z.record(z.string(), z.unknown()) });
/** Services of the compose files of this repository and of a new server. */
const services = ['docker-compose.yml', 'create/template/compose.yaml'].flatMap((path) =>
  Object.keys(composed.parse(parse(readFileSync(path, 'utf8'), { merge: true })).services),
);

/** Whether package.json has a script. */
export const hasScript = (name: string): boolean => name in scripts;

/** Programs of others that the documentation may use. */
const PROGRAMS = new Set(
  `awk aws cat cd cfn-lint claude code cp curl echo git head helm install jq kubectl mcp-publisher mkdir npx od openssl pg_dump pg_restore pip psql rm sed
   sort tail tr umask uniq`.split(/\s+/),
);
/** Flags of Docker Compose with a value of their own word. */
const COMPOSE_VALUES = new Set([
  '--env-file',
  '--profile',
  '--entrypoint',
  '--file',
  '-f',
  '--index',
  '--user',
]);
const OF_ONE_SERVICE = new Set(['exec', 'run', 'cp']);
/** Without `kill`: Docker does not restart a container that it has sent any signal to. */
const OF_SERVICES = new Set(['build', 'logs', 'ps', 'restart', 'stop', 'up']);

/** Returns what is wrong with a command of the documentation. */
export async function problemOf({ words }: ShellCommand): Promise<string | undefined> {
  const [program = '', ...rest] = words;
  if (program === 'npm') return npmProblem(rest);
  if (program === 'npx' && rest[0] === 'aerie-mcp') return aerieProblem(rest.slice(1));
  if (program === 'node') return nodeProblem(rest);
  if (program === 'docker') return rest[0] === 'compose' ? composeProblem(rest.slice(1)) : undefined;
  if (program === '' || PROGRAMS.has(program)) return missingFile(rest);
  if (program.includes('/')) return missingFile(words);
  return `${program} is no known program: see test/support/documentation/command-check.ts`;
}

function npmProblem([command = '', ...rest]: readonly string[]):
  string | Promise<string | undefined> | undefined {
  if (['ci', 'install', 'update', 'create', 'pack'].includes(command)) return undefined;
  if (command === 'start' || command === 'test') return undefined;
  if (command !== 'run') return `npm ${command} is unknown`;
  const [script = '', ...parameters] = rest.filter((word) => word !== '--silent' && word !== '--');
  const line = scripts[script];
  if (line === undefined) return `package.json has no script ${script}`;
  const [, fixed] = /node dist\/cli\/main\.js ?(.*)$/.exec(line) ?? [];
  return fixed === undefined ? undefined : aerieProblem([...fixed.split(' ').filter(Boolean), ...parameters]);
}

async function nodeProblem(words: readonly string[]): Promise<string | undefined> {
  const [file = '', ...parameters] = words.filter((word, index) => index > 0 || !word.startsWith('--'));
  return file === 'dist/cli/main.js' ? aerieProblem(parameters) : missingFile([file]);
}

async function composeProblem(words: readonly string[]): Promise<string | undefined> {
  const plain = words.filter(
    (word, index) => !word.startsWith('-') && !COMPOSE_VALUES.has(words[index - 1] ?? ''),
  );
  const [command = '', ...others] = plain;
  if (!OF_ONE_SERVICE.has(command) && !OF_SERVICES.has(command))
    return `docker compose ${command} is unknown`;
  const named = OF_ONE_SERVICE.has(command)
    ? [others.find((word) => word !== '.')?.split(':')[0] ?? '']
    : others;
  const unknown = named.find((name) => !services.includes(name));
  if (unknown !== undefined) return `no compose file has a service ${unknown}`;
  const inside = others.slice(1);
  return inside[0] === 'node' ? nodeProblem(inside.slice(1)) : missingFile(words);
}

const missingFile = (words: readonly string[]): string | undefined => {
  const missing = words.find(
    (word) =>
      /^(?:deploy|docs|scripts|site|src|test|node_modules)\/[\w./-]+$/.test(word) && !existsSync(word),
  );
  return missing && `${missing} does not exist`;
};

/** Parses a command line as the command does, without running it. */
async function aerieProblem(words: readonly string[]): Promise<string | undefined> {
  const program = new Command('aerie').configureOutput({
    writeErr: () => undefined,
    writeOut: () => undefined,
  });
  for (const { name, load } of COMMANDS) {
    const command = program.command(name);
    if (name === words[0]) (await load())(command, process);
  }
  const visit = (command: Command): void => {
    command.exitOverride();
    if (command.commands.length === 0) command.action(() => undefined);
    command.commands.forEach(visit);
  };
  visit(program);
  try {
    await program.parseAsync([...words], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return undefined; // --help
    return `aerie ${words.join(' ')}: ${String(error)}`;
  }
  return undefined;
}
