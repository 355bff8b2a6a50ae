import { print } from '../print.js';
import type { Figure, Run } from '../results.js';
import { resultTables } from './result-tables.js';
import { plainTable } from './table.js';

/** Prints the tables of a run that have rows. */
export function printResults(figures: readonly Figure[], run: Run): void {
  for (const table of Object.values(resultTables(figures, run)))
    if (table.rows.length > 0) print(`\n${plainTable(table)}`);
}
