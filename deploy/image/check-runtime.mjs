/**
 * Fails if the image runs another major version of Node.js than the one that chose its modules, which may load others:
 *
 *     node deploy/image/check-runtime.mjs [file with the version that chose them]
 */
import { readFileSync } from 'node:fs';

const chosenBy = readFileSync(process.argv[2] ?? new URL('node-version', import.meta.url), 'utf8').trim();
const majorOf = (version) => /\d+/.exec(version)?.[0];
if (majorOf(chosenBy) !== majorOf(process.version)) {
  console.error(
    `The base RUNTIME has Node.js ${process.version}, but the modules of the image are chosen for ${chosenBy}. Use a base with that major version, or change the stage "base" of the Dockerfile too.`,
  );
  process.exit(1);
}
