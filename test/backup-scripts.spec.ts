import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const HOUR_MS = 3_600_000;

let folder: string;
/** Puts a program first on the PATH. */
const program = (name: string, lines: string): void => {
  writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${lines}\n`);
  chmodSync(join(folder, 'bin', name), 0o755);
};
const run = (command: string, ...parameters: string[]): { status: number | null; output: string } => {
  const PATH = [join(folder, 'bin'), process.env['PATH']].join(delimiter);
  const env = { ...process.env, PATH };
  const { status, stdout, stderr } = spawnSync(command, parameters, { encoding: 'utf8', env });
  return { status, output: stdout + stderr };
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aerie-backup-'));
  for (const name of ['bin', 'dumps']) mkdirSync(join(folder, name));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('deploy/postgres/backup', () => {
  const dumps = (): string => join(folder, 'dumps');
  const backup = (command: 'now' | 'recent'): ReturnType<typeof run> => {
    const script = readFileSync('deploy/postgres/backup', 'utf8');
    writeFileSync(join(folder, 'backup'), script.replace(/^folder=.*$/m, `folder='${dumps()}'`));
    return run('/bin/sh', join(folder, 'backup'), command);
  };
  /** Adds a dump. The times of its name and of its file are some hours ago. */
  const add = (hours: { name: number; file: number }, suffix = ''): void => {
    const time = new Date(Date.now() - hours.name * HOUR_MS).toISOString().replaceAll(/[-:]|\.\d+/g, '');
    const path = join(dumps(), `aerie-${time}${suffix}.dump`);
    const written = (Date.now() - hours.file * HOUR_MS) / 1_000;
    writeFileSync(path, '');
    utimesSync(path, written, written);
  };

  it('takes the age of a dump from its name, not from the time at which it was copied', () => {
    add({ name: 60, file: 0 });
    expect(backup('recent').status).toBe(1);
    add({ name: 20, file: 60 });
    expect(backup('recent')).toEqual({ status: 0, output: '' });
  });

  it('does not count an additional dump as a regular one', () => {
    add({ name: 1, file: 1 }, '-now');
    expect(backup('recent').status).toBe(1);
  });

  it('dumps although the mode of an earlier dump cannot be changed', () => {
    add({ name: 60, file: 60 });
    program('chmod', 'exit 1');
    program('pg_dump', 'while [ $# -gt 1 ]; do shift; [ "$1" != --file ] || echo dump > "$2"; done');
    program('pg_restore', 'exit 0');
    const { status, output } = backup('now');
    expect(output).toContain('Wrote ');
    expect(status).toBe(0);
    expect(readdirSync(dumps()).filter((name) => name.endsWith('-now.dump'))).toHaveLength(1);
  });
});

describe('deploy/restore', () => {
  const restore = (hasNoRecords: 't' | 'f'): ReturnType<typeof run> => {
    program('docker', `case "$*" in *to_regclass*) echo ${hasNoRecords} ;; esac`);
    return run('deploy/restore', 'aerie-20261127T031500Z.dump');
  };

  it('says how to drop the old database', () => {
    const { output } = restore('t');
    expect(output).toMatch(/drop database aerie_damaged_\d{14}/);
    expect(output).not.toContain('audit');
  });

  it('keeps an old database with audit records, which are in no dump', () => {
    const { output } = restore('f');
    expect(output).toMatch(/Keep the old database, aerie_damaged_\d{14}: .* audit records/);
    expect(output).not.toContain('drop database');
  });
});
