// Runs before and after npm pack. The repository is an application and installs everything that its image needs. An
// application that adds the package installs only what it uses, so the published manifest is another.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const MANIFEST = new URL('../package.json', import.meta.url);
const README = new URL('../README.md', import.meta.url);
/** README of the package, for its page on npm. */
const PACKAGE_README = new URL('package-readme.md', import.meta.url);
/** Files of the repository, while the package has others in their place. */
const KEPT = new URL('../node_modules/.cache/aerie-pack/', import.meta.url);
const keptAt = (place) => new URL(basename(place.pathname), KEPT);

/** Shared with the application, which must have one copy of each. */
const PEERS = [
  '@nestjs/common',
  '@nestjs/core',
  '@nestjs/platform-express',
  'reflect-metadata',
  'rxjs',
  'zod',
];

/** Oldest versions with which the tests pass. For the other peers, those are the versions of this repository. */
const OLDEST_PEERS = {
  '@nestjs/common': '^12.3.0',
  '@nestjs/core': '^12.3.0',
  '@nestjs/platform-express': '^12.3.0',
  zod: '^4.5.0',
};

/** OpenTelemetry, for `aerie-mcp/telemetry` and `AUDIT=otlp`. */
const TELEMETRY = [
  '@opentelemetry/api',
  '@opentelemetry/context-async-hooks',
  '@opentelemetry/core',
  '@opentelemetry/exporter-logs-otlp-proto',
  '@opentelemetry/exporter-metrics-otlp-proto',
  '@opentelemetry/exporter-prometheus',
  '@opentelemetry/exporter-trace-otlp-proto',
  '@opentelemetry/instrumentation-undici',
  '@opentelemetry/resources',
  '@opentelemetry/sdk-metrics',
  '@opentelemetry/sdk-trace',
];

/**
 * Loaded only when used: Redis, Scalekit, HTTP+SSE of 2024-11-05, the embedded issuer, classes as inputs,
 * OpenAPI documents as tools, the search of tools, telemetry, the test kit.
 */
const OPTIONAL_PEERS = [
  '@modelcontextprotocol/client',
  '@modelcontextprotocol/sdk',
  '@nestjs/testing',
  ...TELEMETRY,
  '@scalekit-sdk/node',
  '@seriousme/openapi-schema-validator',
  'class-transformer',
  'class-validator',
  'ioredis',
  'ipaddr.js',
  'minisearch',
  'oidc-provider',
  'undici',
  'yaml',
];

/** Types that the declarations of the package mention. */
const TYPES = ['@types/express'];

/** Needed by the application in this repository alone. */
const APPLICATION_ONLY = ['@nestjs/terminus', 'kysely', 'pg', 'pg-protocol'];

const pick = (from, names) => Object.fromEntries(names.map((name) => [name, from[name]]));
const omit = (from, names) =>
  Object.fromEntries(Object.entries(from).filter(([name]) => !names.includes(name)));

/** For work in the repository only. */
const REPOSITORY_ONLY = ['devDependencies', 'scripts', 'overrides', 'allowScripts', 'private'];

/** Returns the published manifest. */
function publishedManifest(manifest) {
  const versions = { ...manifest.devDependencies, ...manifest.dependencies };
  return {
    ...omit(manifest, REPOSITORY_ONLY),
    engines: { node: '>=22.15.0' },
    dependencies: {
      ...omit(manifest.dependencies, [...PEERS, ...OPTIONAL_PEERS, ...APPLICATION_ONLY]),
      ...pick(versions, TYPES),
    },
    peerDependencies: { ...pick(versions, [...PEERS, ...OPTIONAL_PEERS]), ...OLDEST_PEERS },
    peerDependenciesMeta: Object.fromEntries(OPTIONAL_PEERS.map((name) => [name, { optional: true }])),
  };
}

/** Files that have other contents in the package. */
const REPLACED = [
  {
    place: MANIFEST,
    replacement: (own) => `${JSON.stringify(publishedManifest(JSON.parse(own)), null, 2)}\n`,
  },
  { place: README, replacement: () => readFile(PACKAGE_README, 'utf8') },
];

async function replace() {
  await mkdir(KEPT, { recursive: true });
  for (const { place, replacement } of REPLACED) {
    await copyFile(place, keptAt(place));
    await writeFile(place, await replacement(await readFile(place, 'utf8')));
  }
}

/**
 * Puts the files of the repository back.
 *
 * @throws {Error} when one was changed after an interrupted run: either text may be the one to keep
 */
async function restore() {
  for (const { place, replacement } of REPLACED) {
    if (!existsSync(keptAt(place))) continue;
    const own = await readFile(keptAt(place), 'utf8');
    if ((await readFile(place, 'utf8')) !== (await replacement(own))) {
      throw new Error(
        `${fileURLToPath(place)} was changed after an interrupted run. Its text before that run is in ${fileURLToPath(keptAt(place))}. Put what you need into the former, and remove the latter.`,
      );
    }
    await rename(keptAt(place), place);
  }
}

const removeBuild = () => rm(new URL('../dist', import.meta.url), { recursive: true, force: true });

const compile = (...options) =>
  execFileSync('npx', ['tsc', '-p', 'tsconfig.build.json', '--incremental', 'false', ...options], {
    stdio: 'inherit',
  });

/**
 * Builds from nothing, because the build folder may hold files whose source is gone. The declarations and the sources in
 * the maps have the comments; the code would have them a third time.
 */
async function build() {
  await removeBuild();
  compile('--declaration', '--emitDeclarationOnly', '--stripInternal');
  compile('--removeComments', '--inlineSources');
}

/** Removes declarations that no public one leads to: a fifth of the package. */
async function removeInternalTypes({ exports }) {
  const pending = Object.values(exports).flatMap(({ types }) => (types ? [resolve(types)] : []));
  const needed = new Set();
  for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
    if (needed.has(file)) continue;
    needed.add(file);
    const source = await readFile(file, 'utf8');
    for (const [, path] of source.matchAll(/(?:from|import|import\() ?['"](\.[^'"]+)\.[jt]s['"]/g)) {
      pending.push(resolve(dirname(file), `${path}.d.ts`));
    }
  }
  for (const name of await readdir('dist', { recursive: true })) {
    if (name.endsWith('.d.ts') && !needed.has(resolve('dist', name))) await rm(join('dist', name));
  }
}

const [step] = process.argv.slice(2);
if (step === 'before') {
  await restore(); // what an interrupted run has left
  await build();
  await removeInternalTypes(JSON.parse(await readFile(MANIFEST, 'utf8')));
  await replace();
} else if (step === 'after') {
  await restore();
  await removeBuild(); // with declarations, which the application's own build has not
} else {
  throw new Error('Run npm pack instead. It calls this script with "before" and "after".');
}
