import { globSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

import type { GlobalConfig } from 'jest';

// Jest loads this file without its own resolver: relative imports name the file on disk.
import { providePostgres } from './postgres-programs.ts';
import { provideRedis } from './redis-program.ts';

/** Puts redis-server, initdb and postgres on the PATH if a spec of this run needs them, or ends it with one message. */
export default function setUpServers({ rootDir, testPathPatterns }: GlobalConfig): void {
  const patterns = testPathPatterns.toExecutor({ rootDir });
  const specs = globSync('test/*.e2e-spec.ts', { cwd: rootDir })
    .map((file) => join(rootDir, file))
    .filter((file) => patterns.isMatch(file))
    .map((file) => readFileSync(file, 'utf8'));
  const isUsed = (helper: string): boolean => specs.some((spec) => spec.includes(`/support/${helper}.js'`));
  try {
    const folders = [
      ...(isUsed('redis') ? [provideRedis(join(rootDir, '.cache', 'test-servers'))] : []),
      ...(isUsed('postgres') ? [providePostgres()] : []),
    ];
    process.env['PATH'] = [process.env['PATH'], ...folders].join(delimiter);
  } catch (error) {
    process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n\n`);
    process.exit(1);
  }
}
