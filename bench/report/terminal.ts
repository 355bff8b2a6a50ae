import { print } from '../print.js';
import type { Figure, Run } from '../results.js';
import {
  LATENCY_HEAD,
  latencyRows,
  OPERATION_HEAD,
  operationRows,
  REDIS_HEAD,
  redisRows,
  SERVER_HEAD,
  serverRows,
} from './rows.js';
import { plainTable } from './table.js';
import { TARGET_HEAD, targetRows } from './targets.js';

/** Prints the tables of a run. */
export function printResults(figures: readonly Figure[], run: Run): void {
  const tables = [
    plainTable(SERVER_HEAD, serverRows(figures)),
    plainTable(OPERATION_HEAD, operationRows(figures)),
    plainTable(REDIS_HEAD, redisRows(figures)),
    plainTable(TARGET_HEAD, targetRows(figures, run)),
    plainTable(LATENCY_HEAD, latencyRows(run.latencies)),
  ];
  tables.forEach((table) => print(`\n${table}`));
}
