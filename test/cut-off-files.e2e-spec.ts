import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { DIST } from './support/built-application.js';

/** Runs Node.js without room for more than 1,024 bytes in a file, as on a disk that gets full. */
const runWithoutRoom = (
  directory: string,
  ...parameters: string[]
): { code: number | null; errors: string } => {
  const limited = ['-c', 'ulimit -f 1; exec "$@"', 'bash', process.execPath, ...parameters];
  const { status, stderr } = spawnSync('bash', limited, {
    cwd: directory,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] },
  });
  return { code: status, errors: stderr };
};

describe('a file that can be written in part only', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'aerie-cut-off-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('is no private key of keygen', () => {
    const { code, errors } = runWithoutRoom(directory, join(DIST, 'cli/main.js'), 'keygen');
    expect([code, errors]).toEqual([1, expect.stringContaining('EFBIG')]);
    expect(readdirSync(directory)).toEqual([]);
  });

  it('gets its contents back, or is removed, when changes of the source fail', () => {
    writeFileSync(join(directory, 'old.ts'), 'old');
    writeFileSync(join(directory, 'larger.ts'), 'before');
    const change = (path: string, before: string | undefined, size: number): object => ({
      path,
      before,
      after: 'x'.repeat(size),
      what: [],
    });
    for (const last of [change('larger.ts', 'before', 4_000), change('new.ts', undefined, 4_000)]) {
      const changes = JSON.stringify([change('old.ts', 'old', 10), last]);
      const module = JSON.stringify(join(DIST, 'cli/source/change-set.js'));
      const { code, errors } = runWithoutRoom(
        directory,
        '--eval',
        `import(${module}).then(({ writeChanges }) => writeChanges(${changes}))`,
      );
      expect([code, errors]).toEqual([1, expect.stringContaining('Nothing was changed')]);
      expect(readdirSync(directory)).toEqual(['larger.ts', 'old.ts']);
      expect(readFileSync(join(directory, 'larger.ts'), 'utf8')).toBe('before');
      expect(readFileSync(join(directory, 'old.ts'), 'utf8')).toBe('old');
    }
  });
});
