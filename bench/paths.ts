import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Directory of the build of bench/ and src/ that `npm run bench` creates. */
const build = resolve(dirname(fileURLToPath(import.meta.url)), '..');

export const repository = resolve(build, '../..');
export const bench = resolve(repository, 'bench');

/** Path of a built file, such as `src/main.js` or `bench/servers/aerie.js`. */
export const built = (path: string): string => resolve(build, path);

/** Path of a built file in another checkout. */
export const builtIn = (checkout: string, path: string): string => resolve(checkout, 'bench/.build', path);
