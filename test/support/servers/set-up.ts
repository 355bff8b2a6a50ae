import { delimiter, join } from 'node:path';

import type { GlobalConfig } from 'jest';

// Jest loads this file without its own resolver: relative imports name the file on disk.
import { providePostgres } from './postgres-programs.ts';
import { provideRedis } from './redis-program.ts';

/** Puts redis-server, initdb and postgres on the PATH of every test, or stops the run with one message. */
export default function setUpServers({ rootDir }: GlobalConfig): void {
  try {
    const folders = [provideRedis(join(rootDir, '.cache', 'test-servers')), providePostgres()];
    process.env['PATH'] = [process.env['PATH'], ...folders].join(delimiter);
  } catch (error) {
    process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n\n`);
    process.exit(1);
  }
}
