import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { NODE_COMPILE_CACHE } from './support/built-application.js';

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
      env: { ...process.env, NODE_COMPILE_CACHE },
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

  it('load in the same order, and under the same names', () => {
    write({
      'dist/main.js': `import './first.js'; console.log('main'); await import('./serve.js');`,
      'dist/first.js': `import { log } from './log.js'; log('first');`,
      'dist/log.js': `export const log = (text) => console.log(text);`,
      'dist/serve.js': `import * as server from './server.js'; import './app.module.js';`,
      'dist/server.js': `
        import { Guard } from './auth/guard.js';
        import { Guard as Other } from './limits/guard.js';
        console.log('server', Guard.name, Other.name, Guard.self === Guard);`,
      'dist/app.module.js': '',
      'dist/auth/guard.js': `
        import { log } from '../log.js'; log('auth');
        let Guard = class Guard { static self = Guard; }; export { Guard };`,
      'dist/limits/guard.js': `
        import { log } from '../log.js'; log('limits');
        let Guard = class Guard {}; export { Guard };`,
    });
    const output = 'first\nmain\nauth\nlimits\nserver Guard Guard true\n';
    expect(outputOfBoth()).toBe(output);
    expect(has('dist/auth/guard.js') || has('dist/limits/guard.js')).toBe(false);
  });

  const DEPLOYMENT = {
    'dist/main.js': `await import('./serve.js');`,
    'dist/serve.js': `import * as server from './server.js'; import './app.module.js';`,
    'dist/server.js': `import * as part from './part.js'; import { KEY } from './key.js'; globalThis.key = KEY;`,
    'dist/part.js': '',
    'dist/key.js': `export const KEY = Symbol('key');`,
    'dist/app.module.js': `import './tools/tools.js';`,
  };

  it('are not those of a deployment, which may have any form and order', () => {
    write({
      ...DEPLOYMENT,
      'dist/tools/tools.js': `
        import './instrument.js';
        import traced from 'traced';
        import old from './old.cjs';
        import data from './data.json' with { type: 'json' };
        import { KEY } from '../key.js';
        import { readFileSync } from 'node:fs';
        import { Worker } from 'node:worker_threads';
        console.log(traced, old, data.is, KEY === globalThis.key);
        console.log(readFileSync(new URL(import.meta.resolve('./text.txt')), 'utf8'));
        new Worker(new URL('./worker.js', import.meta.url)); await import('./worker.js');`,
      'dist/tools/instrument.js': `globalThis.isTraced = true;`,
      'dist/tools/old.cjs': `module.exports = 'old';`,
      'dist/tools/data.json': { is: 'data' },
      'dist/tools/text.txt': 'text',
      'dist/tools/worker.js': `
        import { KEY } from '../key.js';
        import { isMainThread } from 'node:worker_threads';
        console.log(KEY, isMainThread);`,
      'node_modules/traced/package.json': { name: 'traced', type: 'module', main: 'index.js' },
      'node_modules/traced/index.js': `export default globalThis.isTraced;`,
    });
    expect(outputOfBoth()).toMatch(/true old data true\ntext\nSymbol\(key\) true\n/);
    expect(has('dist/part.js')).toBe(false);
  });

  it('are not those that are imported for their effects', () => {
    write({
      ...DEPLOYMENT,
      'dist/serve.js': `import './acme/instrument.js'; import * as server from './server.js'; import './app.module.js';`,
      'dist/acme/instrument.js': `import './early.js'; globalThis.isTraced = true;`,
      'dist/acme/early.js': '',
      'dist/server.js': `import traced from 'traced'; import { KEY } from './key.js'; console.log(traced, KEY);`,
      'node_modules/traced/package.json': { name: 'traced', type: 'module', main: 'index.js' },
      'node_modules/traced/index.js': `export default globalThis.isTraced;`,
      'dist/tools/tools.js': '',
    });
    expect(outputOfBoth()).toBe('true Symbol(key)\n');
    expect(has('dist/key.js')).toBe(false);
  });

  it.each([
    ['CommonJS', { type: 'commonjs' }, `exports.createConfig = () => 1;`],
    [
      'imports of its own',
      { type: 'module', imports: { '#a': './dist/a.js' } },
      `export { createConfig } from '#a';`,
    ],
  ])('leave a package alone that cannot be merged: %s', (_reason, manifest, code) => {
    write({
      'dist/main.js': `import { createConfig } from '@nestjs/config'; console.log(createConfig());`,
      'node_modules/@nestjs/config/package.json': {
        name: '@nestjs/config',
        main: 'dist/index.js',
        ...manifest,
      },
      'node_modules/@nestjs/config/dist/index.js': code,
      'node_modules/@nestjs/config/dist/a.js': `export const createConfig = () => 1;`,
    });
    expect(node('dist/main.js').stdout).toBe('1\n');
    expect(node(SCRIPT, folder).status).toBe(0);
    expect(node('dist/main.js').stdout).toBe('1\n');
  });

  it('load nothing earlier than before, and nothing of the server in other programs', () => {
    write({
      ...DEPLOYMENT,
      'dist/serve.js': `
        import * as server from './server.js'; import './app.module.js';
        const { later } = await import('./later.js');
        console.log(later);`,
      'dist/server.js': `
        import { name } from './shared.js'; import * as part from './part.js'; console.log('server', name);
        export const users = () => import('./dev-issuer/users.js').catch(({ url }) => url);`,
      'dist/later.js': `
        import { users } from './server.js'; console.log('later');
        export const later = (await users()) === new URL('./dev-issuer/users.js', import.meta.url).href;`,
      'dist/cli/main.js': `import { name } from '../shared.js'; console.log('command', name);`,
      'dist/shared.js': `export const name = 'shared';`,
      'dist/tools/tools.js': '',
    });
    expect(outputOfBoth()).toBe('server shared\nlater\ntrue\n');
    expect(has('dist/part.js')).toBe(false);
    expect(node('dist/cli/main.js').stdout).toBe('command shared\n');
  });

  it('find their files where they were', () => {
    write({
      ...DEPLOYMENT,
      'dist/part.js': `import * as thread from './database/thread.js';`,
      'dist/database/thread.js': `
        import { Worker } from 'node:worker_threads';
        const URL = undefined;
        new Worker(new globalThis.URL(import.meta.url.replace('thread.js', 'worker.js')));`,
      'dist/database/worker.js': `import { answer } from './answer.js'; console.log('worker', answer);`,
      'dist/database/answer.js': `export const answer = 42;`,
      'dist/tools/tools.js': '',
    });
    expect(outputOfBoth()).toContain('worker 42');
    expect(has('dist/database/thread.js')).toBe(false);
  });

  it('name the lines of the sources in stack traces', () => {
    write({
      ...DEPLOYMENT,
      'dist/server.js': `import { fail } from './fail.js';\nfail();\n`,
      'dist/fail.js': `export const fail = () => { throw new Error('failed'); };\n//# sourceMappingURL=fail.js.map\n`,
      // Line 1 comes from line 1, wherever in it.
      'dist/fail.js.map': {
        version: 3,
        sources: ['../src/fail.ts'],
        names: [],
        mappings: 'AAAA,4BAA4B',
      },
      'dist/tools/tools.js': '',
    });
    merge();
    expect(has('dist/fail.js')).toBe(false);
    expect(node('--enable-source-maps', 'dist/main.js').stderr).toContain('src/fail.ts:1');
  });

  const installed = (name: string): Record<string, unknown> => ({
    [`node_modules/${name}/package.json`]: {
      name,
      type: 'module',
      exports: { '.': './index.js', './deep': './deep.js' },
    },
    [`node_modules/${name}/index.js`]: `import 'reflect-metadata'; import old from 'old'; export * from './part.js'; export { deep } from './deep.js'; export { old }; export const late = () => import('./late.js');`,
    [`node_modules/${name}/late.js`]: `import { deep } from './deep.js'; console.log('late', deep === Reflect);`,
    [`node_modules/${name}/deep.js`]: `import { part } from './part.js'; export const deep = part;`,
    [`node_modules/${name}/part.js`]: `export const part = Reflect.getMetadata({});`,
    [`node_modules/${name}/node_modules/old/package.json`]: { name: 'old', main: 'index.js' },
    [`node_modules/${name}/node_modules/old/index.js`]: `module.exports = require('./old.js');`,
    [`node_modules/${name}/node_modules/old/old.js`]: `module.exports = 'old';`,
  });

  it('of packages are merged where the package loads as a whole, and exist once', () => {
    write({
      ...installed('@nestjs/core'),
      ...installed('other'),
      'node_modules/reflect-metadata/package.json': { name: 'reflect-metadata', main: 'index.js' },
      'node_modules/reflect-metadata/index.js': `Reflect.getMetadata = (target) => target;`,
      'dist/main.js': `
        import { deep, late, old, part } from '@nestjs/core';
        import { deep as direct } from '@nestjs/core/deep';
        import { part as other } from 'other';
        console.log(direct === part, deep === part, other === part, old);
        await late();`,
    });
    expect(outputOfBoth()).toBe('true true false old\nlate false\n');
    expect(has('node_modules/@nestjs/core/part.js')).toBe(false);
    expect(has('node_modules/@nestjs/core/node_modules/old/old.js')).toBe(true);
    expect(has('node_modules/other/part.js')).toBe(true);
  });

  it('are unchanged when one of them cannot be merged', () => {
    write({
      ...DEPLOYMENT,
      ...installed('unused'),
      'dist/part.js': `export const isMain = import.meta.main;`,
      'dist/tools/tools.js': '',
    });
    const { status, stderr } = node(SCRIPT, folder);
    expect(status).toBe(1);
    expect(stderr).toContain('dist/part.js uses import.meta.main, which would differ after the merge.');
    expect(has('dist/part.js') && has('node_modules/unused/index.js')).toBe(true);
  });
});
