import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where this runs from: the build of bench/ and src/ that `npm run bench` makes. */
const build = resolve(dirname(fileURLToPath(import.meta.url)), '..');

export const repository = resolve(build, '../..');
export const bench = resolve(repository, 'bench');

/** The built file of a module, such as `src/main.js` or `bench/servers/aerie.js`. */
export const built = (path: string): string => resolve(build, path);

/** The same of another checkout. */
export const builtIn = (checkout: string, path: string): string => resolve(checkout, 'bench/.build', path);
