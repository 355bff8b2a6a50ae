import { join } from 'node:path';

import { ConfigurationError, type ConfigurationProblem } from '../../config/configuration-error.js';
import { loadEnvFile } from '../../config/process-variables.js';
import { readVariables } from '../../config/read-variables.js';
import { readFiles } from '../../audit/read-files.js';
import type { Selection } from '../../audit/postgres/read-records.js';
import type { StoredLine } from '../../audit/stored-line.js';
import { loadOptional } from '../../values/load-optional.js';

/** Location of the records on the command line. */
export interface Place {
  /** Directory; by default that of the environment. */
  readonly directory: string | undefined;
  /** Whether to read from PostgreSQL instead. */
  readonly postgres: boolean;
}

/** Name of the sink that wrote the records of a place. */
export const sinkOf = ({ postgres }: Place): string => (postgres ? 'postgres' : 'file');

/**
 * Reads records.
 *
 * @param selection records that are needed; more may be read
 * @throws {Error} when they cannot be read, or there are none
 */
export async function* readLines(
  { directory, postgres }: Place,
  order: 'time' | 'chain',
  selection?: Selection,
): AsyncGenerator<StoredLine> {
  if (!postgres) yield* readFiles(directory ?? (await ownDirectory()));
  else {
    const { readRecords } = await loadPostgres(() => import('../../audit/postgres/read-records.js'));
    yield* readRecords(await databaseUrl(), order, selection);
  }
}

const ownDirectory = async (): Promise<string> =>
  (await variable('AUDIT_DIRECTORY')) ?? join((await variable('STATE_DIRECTORY')) ?? '.aerie', 'audit');

/**
 * Reads a variable like the server: also from `.env`, and from the file that `NAME_FILE` names. The environment of the
 * command comes first, because an auditor has another role in the database than the server.
 *
 * @throws {ConfigurationError} when a file cannot be read
 */
export async function variable(name: string): Promise<string | undefined> {
  const own = process.env[name]?.trim();
  if (own) return own;
  await loadEnvFile();
  const problems: ConfigurationProblem[] = [];
  const { [name]: text } = readVariables([name], process.env, problems);
  if (problems.length > 0) throw new ConfigurationError(problems);
  return text;
}

/** @throws {Error} when the variable is missing */
export async function databaseUrl(): Promise<string> {
  const url = await variable('AUDIT_DATABASE_URL');
  if (!url) throw new Error('Set AUDIT_DATABASE_URL to PostgreSQL and a role for this command.');
  return url;
}

/** Loads a module that needs PostgreSQL. */
export const loadPostgres = <Module>(load: () => Promise<Module>): Promise<Module> =>
  loadOptional('PostgreSQL', ['pg'], load);
