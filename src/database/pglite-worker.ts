import { parentPort, workerData } from 'node:worker_threads';

import type { Reply, ServerError, Statement, TextRow } from './pglite-thread.js';

// Opens the data folder, then answers statements in order.
const { PGlite } = await import('@electric-sql/pglite');
const database = await PGlite.create(String(workerData));
// The main thread converts all values, as for a PostgreSQL server.
for (const converters of [database.parsers, database.serializers])
  for (const type of Object.keys(converters)) converters[type] = (value: string) => value;

parentPort?.on('message', (statement: Statement) => {
  void answerTo(statement).then((answer) => parentPort?.postMessage(answer, []));
});

async function answerTo({ id, sql, parameters }: Statement): Promise<Reply> {
  try {
    if (sql !== undefined) {
      return { id, results: await database.query<TextRow>(sql, [...parameters], { rowMode: 'array' }) };
    }
    await database.close();
    return { id, results: { rows: [], fields: [] } };
  } catch (error) {
    return { id, failure: failureOf(error) };
  }
}

/** Copies the text properties of an error. Structured cloning would drop them, including the SQLSTATE. */
function failureOf(error: unknown): ServerError {
  if (!(error instanceof Error)) return { message: String(error) };
  const texts = Object.entries(error).filter(([, value]) => typeof value === 'string');
  return { ...Object.fromEntries(texts), message: error.message };
}
