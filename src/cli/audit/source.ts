import { join } from 'node:path';

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
  const { AUDIT_DIRECTORY: own, STATE_DIRECTORY: state = '.aerie' } = process.env;
  if (!postgres) yield* readFiles(directory ?? own ?? join(state, 'audit'));
  else {
    const { readRecords } = await loadPostgres(() => import('../../audit/postgres/read-records.js'));
    yield* readRecords(databaseUrl(), order, selection);
  }
}

/** @throws {Error} when the variable is missing */
export function databaseUrl(): string {
  const url = process.env['AUDIT_DATABASE_URL'];
  if (!url) throw new Error('Set AUDIT_DATABASE_URL to PostgreSQL and a role for this command.');
  return url;
}

/** Loads a module that needs PostgreSQL. */
export const loadPostgres = <Module>(load: () => Promise<Module>): Promise<Module> =>
  loadOptional('PostgreSQL', ['pg'], load);
