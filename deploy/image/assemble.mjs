/**
 * Makes the files of the image without Docker, for tests and benchmarks:
 *
 *     node deploy/image/assemble.mjs <compiled server> <folder to create>
 *
 * The packages come from node_modules of the working directory.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const [from, to] = process.argv.slice(2);
const list = ['ls', '--all', '--omit=dev', '--omit=optional', '--parseable'];
const packages = execFileSync('npm', list, { encoding: 'utf8' }).trim().split('\n').slice(1);

rmSync(to, { recursive: true, force: true });
cpSync(from, join(to, 'dist'), { recursive: true });
for (const name of ['dev-issuer', 'testing']) rmSync(join(to, 'dist', name), { recursive: true });
for (const path of ['package.json', ...packages.map((path) => relative('.', path))])
  cpSync(path, join(to, path), { recursive: true });
execFileSync(process.execPath, [fileURLToPath(new URL('prune-modules.mjs', import.meta.url)), to], {
  stdio: 'inherit',
});
