import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const SCRIPT = join(__dirname, '../deploy/image/prune-modules.mjs');

describe('the merged modules of the image', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'aerie-image-'));
    mkdirSync(join(folder, 'node_modules'));
    write({ 'package.json': { type: 'module' }, 'dist/cli/main.js': '' });
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function write(files: Record<string, unknown>): void {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), typeof content === 'string' ? content : JSON.stringify(content));
    }
  }
  const has = (path: string): boolean => existsSync(join(folder, path));
  function node(...parameters: string[]): { stdout: string; stderr: string; status: number | null } {
    const { stdout, stderr, status } = spawnSync(process.execPath, parameters, {
      encoding: 'utf8',
      cwd: folder,
    });
    return { stdout, stderr, status };
  }
  function merge(): void {
    expect(node(SCRIPT, folder)).toMatchObject({ status: 0, stderr: '' });
  }
  /** Runs the server before and after its modules are merged. Returns its output, which must be the same. */
  function outputOfBoth(): string {
    const before = node('dist/main.js');
    merge();
    expect(node('dist/main.js')).toEqual(before);
    return before.stdout;
  }

  it('run in the same order, and under the same names', () => {
    write({
      'dist/main.js': `
        import './first.js';
        import { Tools } from './tools/tools.js';
        import { Tools as Others } from './others/tools.js';
        console.log('main', Tools.name, Others.name, Tools.self === Tools);`,
      'dist/first.js': `import { log } from './log.js'; log('first');`,
      'dist/log.js': `export const log = (text) => console.log(text);`,
      'dist/tools/tools.js': `
        import { log } from '../log.js'; log('tools');
        let Tools = class Tools { static self = Tools; }; export { Tools };`,
      'dist/others/tools.js': `
        import { log } from '../log.js'; log('others');
        let Tools = class Tools {}; export { Tools };`,
    });
    expect(outputOfBoth()).toBe('first\ntools\nothers\nmain Tools Tools true\n');
    expect(readdirSync(join(folder, 'dist'), { recursive: true })).not.toContain('tools/tools.js');
  });

  it('find their files where they were', () => {
    write({
      'dist/main.js': `import './tools/reports/reports.js';`,
      'dist/tools/reports/reports.js': `
        import { readFileSync } from 'node:fs';
        import { createRequire } from 'node:module';
        import { join } from 'node:path';
        import { Worker } from 'node:worker_threads';
        const here = [new URL('report.txt', import.meta.url), join(import.meta.dirname, 'report.txt')];
        console.log(here.map((path) => readFileSync(path, 'utf8')), readFileSync(import.meta.filename.replace('.js', '.sql'), 'utf8'));
        console.log(createRequire(import.meta.url)('./data.json'));
        new Worker(new URL('./worker.js', import.meta.url));`,
      'dist/tools/reports/report.txt': 'report',
      'dist/tools/reports/reports.sql': 'select 1',
      'dist/tools/reports/data.json': { is: 'data' },
      'dist/tools/reports/worker.js': `import { answer } from './answer.js'; console.log('worker', answer);`,
      'dist/tools/reports/answer.js': `export const answer = 42;`,
    });
    expect(outputOfBoth()).toContain('worker 42');
    expect(has('dist/tools/reports/reports.js')).toBe(false);
  });

  it('load later what was loaded later', () => {
    write({
      'dist/main.js': `
        console.log('main');
        const { later } = await import('./later.js');
        console.log(later, await import('./dev-issuer/users.js').catch(({ code }) => code));`,
      'dist/later.js': `import { part } from './part.js'; console.log('later'); export const later = part;`,
      'dist/part.js': `console.log('part'); export const part = 1;`,
    });
    expect(outputOfBoth()).toBe('main\npart\nlater\n1 ERR_MODULE_NOT_FOUND\n');
  });

  it('are the same modules for each program', () => {
    write({
      'dist/main.js': `import { KEY } from './key.js'; console.log((await import('./cli/main.js')).KEY === KEY);`,
      'dist/cli/main.js': `export { KEY } from '../key.js';`,
      'dist/key.js': `export const KEY = Symbol('key');`,
      'dist/jobs/nightly.js': `import { KEY } from '../key.js'; console.log(String(KEY));`,
    });
    expect(outputOfBoth()).toBe('true\n');
    expect(node('dist/jobs/nightly.js').stdout).toBe('Symbol(key)\n');
  });

  it('name the lines of the sources in stack traces', () => {
    write({
      'dist/main.js': `import { fail } from './fail.js';\nfail();\n`,
      'dist/fail.js': `export const fail = () => { throw new Error('failed'); };\n//# sourceMappingURL=fail.js.map\n`,
      // Line 1 comes from line 1, wherever in it.
      'dist/fail.js.map': {
        version: 3,
        sources: ['../src/fail.ts'],
        names: [],
        mappings: 'AAAA,4BAA4B',
      },
    });
    merge();
    expect(node('--enable-source-maps', 'dist/main.js').stderr).toContain('src/fail.ts:1');
  });

  const installed = (name: string): Record<string, unknown> => ({
    [`node_modules/${name}/package.json`]: {
      name,
      type: 'module',
      exports: { '.': './index.js', './deep': './deep.js' },
    },
    [`node_modules/${name}/index.js`]: `import 'reflect-metadata'; export * from './part.js'; export { deep } from './deep.js';`,
    [`node_modules/${name}/deep.js`]: `import { part } from './part.js'; export const deep = part;`,
    [`node_modules/${name}/part.js`]: `export const part = Reflect.getMetadata({});`,
  });

  it('of packages are merged where the package loads as a whole, and exist once', () => {
    write({
      ...installed('@nestjs/core'),
      ...installed('other'),
      'node_modules/reflect-metadata/package.json': { name: 'reflect-metadata', main: 'index.js' },
      'node_modules/reflect-metadata/index.js': `Reflect.getMetadata = (target) => target;`,
      'dist/main.js': `
        import { deep, part } from '@nestjs/core';
        import { deep as direct } from '@nestjs/core/deep';
        import { part as other } from 'other';
        console.log(direct === part, deep === part, other === part);`,
    });
    expect(outputOfBoth()).toBe('true true false\n');
    expect(has('node_modules/@nestjs/core/part.js')).toBe(false);
    expect(has('node_modules/other/part.js')).toBe(true);
  });

  it('are unchanged when one of them cannot be merged', () => {
    write({
      'dist/main.js': `import './part.js';`,
      'dist/part.js': `export const isMain = import.meta.main;`,
    });
    const { status, stderr } = node(SCRIPT, folder);
    expect(status).toBe(1);
    expect(stderr).toContain('dist/part.js uses a part of import.meta that differs in the image: main.');
    expect(has('dist/part.js')).toBe(true);
  });
});
