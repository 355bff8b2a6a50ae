import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

describe('scripts/pack.mjs', () => {
  let folder: string;
  const textOf = (name: string): string => readFileSync(join(folder, name), 'utf8');
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  const run = (step: 'before' | 'after'): void => {
    const PATH = [join(folder, 'bin'), process.env['PATH']].join(delimiter);
    execFileSync(process.execPath, ['scripts/pack.mjs', step], {
      cwd: folder,
      env: { ...process.env, PATH },
    });
  };
  const manifest = (version: string): string =>
    JSON.stringify({ name: 'aerie-mcp', version, private: true, exports: {}, dependencies: {} });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'aerie-pack-'));
    for (const name of ['scripts', 'bin', 'node_modules']) mkdirSync(join(folder, name));
    for (const name of ['pack.mjs', 'package-readme.md']) {
      copyFileSync(join('scripts', name), join(folder, 'scripts', name));
    }
    write('package.json', manifest('1.0.0'));
    write('README.md', '# The repository');
    // Compiles nothing.
    write('bin/npx', '#!/bin/sh\nmkdir -p dist\n');
    chmodSync(join(folder, 'bin/npx'), 0o755);
    run('before');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('packs another manifest and README, and puts those of the repository back', () => {
    expect(JSON.parse(textOf('package.json'))).not.toHaveProperty('private');
    expect(textOf('README.md')).toBe(textOf('scripts/package-readme.md'));
    run('after');
    expect(textOf('package.json')).toBe(manifest('1.0.0'));
    expect(textOf('README.md')).toBe('# The repository');
  });

  it('continues after an interrupted run', () => {
    run('before');
    run('after');
    expect(textOf('package.json')).toBe(manifest('1.0.0'));
  });

  it('overwrites nothing that was changed after an interrupted run', () => {
    write('package.json', manifest('2.0.0'));
    expect(() => run('before')).toThrow(/package\.json was changed after an interrupted run/);
    expect(textOf('package.json')).toBe(manifest('2.0.0'));
    const kept = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
      (path) => path !== 'package.json' && path.endsWith('package.json'),
    );
    expect(kept.map(textOf)).toEqual([manifest('1.0.0')]);
    rmSync(join(folder, kept[0] ?? ''));
    run('before');
    run('after');
    expect(textOf('package.json')).toBe(manifest('2.0.0'));
  });
});
