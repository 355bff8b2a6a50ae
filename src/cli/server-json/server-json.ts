import { writeFile } from 'node:fs/promises';

import { readConfiguration } from '../../config/read-configuration.js';
import { registryProblems, registryWarnings, serverJsonOf } from '../../mcp/card/server-json.js';
import type { Io } from '../terminal/io.js';

export interface ServerJsonOptions {
  readonly out?: string;
}

/** Prints or writes the registry entry of the configured server. Returns the exit code. */
export async function serverJson({ out }: ServerJsonOptions, io: Io): Promise<number> {
  const configuration = await readConfiguration();
  const problems = registryProblems(configuration);
  for (const text of [...problems, ...registryWarnings(configuration)]) io.stderr.write(`${text}\n`);
  if (problems.length > 0) return 1;
  const document = `${JSON.stringify(serverJsonOf(configuration), null, 2)}\n`;
  if (out === undefined) io.stdout.write(document);
  else await writeFile(out, document);
  return 0;
}
