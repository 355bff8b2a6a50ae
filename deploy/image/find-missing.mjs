import { existsSync, readFileSync } from 'node:fs';
import { sep } from 'node:path';

/** Modules that dist imports only if they are there. */
const OPTIONAL = [
  /dev-issuer\//, // the embedded issuer, which the image does not contain
  /^@electric-sql\/pglite$/, // the embedded database
  /^@modelcontextprotocol\/client$/, // commands that call a server
  /^class-(?:transformer|validator)(?:$|\/)/, // DTO classes
  /^pino-pretty$/, // the log of development
];

/** Code that computes the name of a module, and loads no package that the server needs. */
const COMPUTED = [
  'dist/cli/source/format.js', // prettier, of the project whose source the command writes
  '@nestjs/common/utils/load-package.util.js', // DTO classes and other optional packages
  '@nestjs/core/helpers/load-adapter.js', // @nestjs/platform-express, which dist imports too
  '@nestjs/core/helpers/optional-require.js', // microservices and websockets
  '@nestjs/terminus/dist/utils/checkPackage.util.js', // health indicators that dist does not use
  'express/lib/view.js', // template engines
  'file-type/source/index.js', // modules of Node.js
  'kysely/dist/migration/file-migration-provider.js', // migrations in a folder
  'real-require/src/index.js', // transports of pino
  'require-in-the-middle/index.js', // a log line
];

/**
 * A call of import or require whose argument is not one string. Without an argument, it is part of a comment, and with a
 * backslash, of a string.
 */
const COMPUTED_CALL = /\b(?:import|require)\((?!\s*(?:\/\*.*?\*\/\s*)?(?:(['"`])[^'"`$\n]*\1\s*[,)]|\)|\\))/;

/** Returns a message for each module that code may load, and that is missing in the traced files. */
export function findMissing(fileList, warnings) {
  return [...unresolved(warnings), ...computed(fileList), ...unreached(fileList)];
}

/** Literal names that lead nowhere. Packages may miss what their manifests do not require. */
function unresolved(warnings) {
  const messages = [];
  for (const { message } of warnings) {
    const [, name, importer] =
      /^Failed to resolve dependency "(.+?)":\n.* loaded from (.+)$/m.exec(message) ?? [];
    if (name === undefined) continue;
    const manifest = manifestOf(importer);
    const isMissing = manifest
      ? Object.hasOwn(manifest.dependencies ?? {}, packageOf(name)) &&
        !Object.hasOwn(manifest.optionalDependencies ?? {}, packageOf(name))
      : !OPTIONAL.some((pattern) => pattern.test(name));
    if (isMissing)
      messages.push(
        `${importer} imports ${name}, which is not installed. Add it to "dependencies", or to OPTIONAL in deploy/image/find-missing.mjs if the server runs without it.`,
      );
  }
  return messages;
}

/** Code that computes names, and that nobody has looked at. */
function computed(fileList) {
  return [...fileList]
    .filter((path) => /\.[cm]?js$/.test(path) && !COMPUTED.includes(path.split('node_modules/').at(-1)))
    .filter((path) => COMPUTED_CALL.test(readFileSync(path, 'utf8')))
    .map(
      (path) =>
        `${path} computes the name of a module that it loads, so the image may lack that module. Import it by a literal name, or add the file to COMPUTED in deploy/image/find-missing.mjs if the server does not need the module.`,
    );
}

/** Dependencies that would vanish, for example because only their data is read. */
function unreached(fileList) {
  const { dependencies = {} } = JSON.parse(readFileSync('package.json', 'utf8'));
  const paths = [...fileList];
  return Object.keys(dependencies)
    .filter((name) => !paths.some((path) => path.startsWith(`node_modules/${name}/`)))
    .map(
      (name) =>
        `No code of dist reaches ${name}, so the image would lack it. Import it by a literal name, read its data with new URL(import.meta.resolve('${name}/…')), or remove it from "dependencies".`,
    );
}

/** Returns the manifest of the package that contains a file, or undefined for dist. */
function manifestOf(path) {
  const folder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path.split(sep).join('/'))?.[0];
  return folder && existsSync(`${folder}/package.json`)
    ? JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'))
    : undefined;
}

const packageOf = (name) => /^(?:@[^/]+\/)?[^/]+/.exec(name)[0];
