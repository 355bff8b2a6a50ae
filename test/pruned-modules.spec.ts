import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { NODE_COMPILE_CACHE } from './support/built-application.js';

const SCRIPT = join(__dirname, '../deploy/image/prune-modules.mjs');

describe('the modules of the image', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'aerie-image-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const write = (files: Record<string, unknown>): void => {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), typeof content === 'string' ? content : JSON.stringify(content));
    }
  };
  const has = (path: string): boolean => existsSync(join(folder, path));
  const installed = (name: string, manifest = {}, code = 'module.exports = 1;'): Record<string, unknown> => ({
    [`node_modules/${name}/package.json`]: { name, version: '1.0.0', main: 'index.js', ...manifest },
    [`node_modules/${name}/index.js`]: code,
    [`node_modules/${name}/unused.js`]: '',
    [`node_modules/${name}/LICENSE.md`]: 'MIT',
  });
  /** Prunes a server whose only module is this code. Returns the messages. */
  const prune = (code: string, dependencies = {}): string => {
    write({ 'package.json': { type: 'module', dependencies }, 'dist/main.js': code });
    const { status, stderr } = spawnSync(process.execPath, [SCRIPT, folder], {
      encoding: 'utf8',
      env: { ...process.env, NODE_COMPILE_CACHE },
    });
    expect(status).toBe(stderr === '' ? 0 : 1);
    return stderr;
  };

  it('are those that the server reaches, and their packages are the listed ones', () => {
    const named = (name: string): Record<string, string> => ({
      SPDXID: name,
      packageFileName: name === 'server' ? '' : `node_modules/${name}`,
    });
    const related = (name: string): Record<string, string> => ({
      spdxElementId: name,
      relatedSpdxElement: 'server',
    });
    write({
      ...installed('used'),
      ...installed('unused'),
      'sbom.spdx.json': {
        SPDXID: 'document',
        packages: ['server', 'used', 'unused'].map(named),
        relationships: ['document', 'used', 'unused'].map(related),
      },
    });
    expect(prune(`import 'used';`)).toBe('');
    expect(['index.js', 'unused.js', 'LICENSE.md'].map((file) => has(`node_modules/used/${file}`))).toEqual([
      true,
      false,
      true,
    ]);
    expect(has('node_modules/unused')).toBe(false);
    expect(JSON.parse(readFileSync(join(folder, 'sbom.spdx.json'), 'utf8'))).toEqual({
      SPDXID: 'document',
      packages: ['server', 'used'].map(named),
      relationships: ['document', 'used'].map(related),
    });
  });

  it('include each package that the server imports at some time', () => {
    write(installed('unused'));
    expect(prune(`export const load = () => import('reports');`)).toMatch(
      /dist\/main\.js imports reports, which is not installed/,
    );
    expect(has('node_modules/unused')).toBe(true);
  });

  it('include what a package requires, but not what it can do without', () => {
    const code = `require('needed'); try { require('optional'); require('peer'); } catch {}`;
    const manifest = { dependencies: { needed: '1' }, optionalDependencies: { optional: '1' } };
    write(installed('used', manifest, code));
    const messages = prune(`import 'used';`);
    expect(messages.trim().split('\n')).toEqual([expect.stringContaining('imports needed')]);
  });

  it.each(['import(name)', 'import(`./tools/${name}.js`)', 'createRequire(import.meta.url); require(name)'])(
    'are loaded by literal names, not by %s',
    (call) => {
      expect(prune(`export const load = (name) => ${call};`)).toMatch(/dist\/main\.js computes the name/);
    },
  );

  it('are loaded by literal names in packages', () => {
    write(installed('plugins', {}, 'module.exports = (name) => require(name);'));
    expect(prune(`import 'plugins';`)).toMatch(/node_modules\/plugins\/index\.js computes the name/);
  });

  it('do not depend on calls in comments and strings', () => {
    write(installed('unused'));
    expect(prune(`// import() and require()\nexport const code = 'require(\\'ajv\\')';`)).toBe('');
  });

  it('include each dependency, also one that only has data', () => {
    write({ ...installed('icons'), 'node_modules/icons/icons.bin': 'data' });
    const read = (path: string): string => `import { readFileSync } from 'node:fs'; readFileSync(${path});`;
    expect(prune(read(`'node_modules/' + 'icons/icons.bin'.toString()`), { icons: '1' })).toMatch(
      /No code of dist reaches icons/,
    );
    expect(prune(read(`new URL(import.meta.resolve('icons/icons.bin'))`), { icons: '1' })).toBe('');
    expect(has('node_modules/icons/icons.bin')).toBe(true);
  });

  it.each([
    [process.version, ''],
    ['v1.2.3', 'are chosen for v1.2.3'],
  ])('are for the Node.js that runs them, not for another major version: %s', (version, message) => {
    write({ 'node-version': `${version}\n` });
    const script = join(SCRIPT, '../check-runtime.mjs');
    const argv = [script, join(folder, 'node-version')];
    const { status, stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8' });
    expect(status).toBe(message === '' ? 0 : 1);
    expect(stderr).toContain(message);
  });
});
