// Runs before and after npm pack. The repository is an application and installs everything that its image needs. An
// application that adds the package installs only what it uses, so the published manifest is another.
import { execFileSync } from 'node:child_process';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';

const MANIFEST = new URL('../package.json', import.meta.url);
const KEPT = new URL('../node_modules/.cache/package.json', import.meta.url);

/** Shared with the application, which must have one copy of each. */
const PEERS = [
  '@nestjs/common',
  '@nestjs/core',
  '@nestjs/platform-express',
  'reflect-metadata',
  'rxjs',
  'zod',
];

/** Loaded only when used: Redis, Scalekit, HTTP+SSE of 2024-11-05, the embedded issuer, classes as inputs, the test kit. */
const OPTIONAL_PEERS = [
  '@modelcontextprotocol/client',
  '@modelcontextprotocol/sdk',
  '@nestjs/testing',
  '@scalekit-sdk/node',
  'class-transformer',
  'class-validator',
  'ioredis',
  'ipaddr.js',
  'oidc-provider',
];

/** Types that the declarations of the package mention. */
const TYPES = ['@types/express'];

/** Needed by the application in this repository alone. */
const APPLICATION_ONLY = ['@nestjs/terminus', 'kysely', 'pg'];

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
    peerDependencies: pick(versions, [...PEERS, ...OPTIONAL_PEERS]),
    peerDependenciesMeta: Object.fromEntries(OPTIONAL_PEERS.map((name) => [name, { optional: true }])),
  };
}

const removeBuild = () => rm(new URL('../dist', import.meta.url), { recursive: true, force: true });

/** Builds from nothing, because the build folder may hold files whose source is gone. */
async function build() {
  await removeBuild();
  const options = ['--incremental', 'false', '--declaration', '--stripInternal', '--inlineSources'];
  execFileSync('npx', ['tsc', '-p', 'tsconfig.build.json', ...options], { stdio: 'inherit' });
}

const [step] = process.argv.slice(2);
if (step === 'before') {
  // The manifest of the repository, which an interrupted run has left in its place.
  const text = await readFile(KEPT, 'utf8').catch(() => readFile(MANIFEST, 'utf8'));
  await writeFile(MANIFEST, text);
  await build();
  await mkdir(new URL('.', KEPT), { recursive: true });
  await writeFile(KEPT, text);
  await writeFile(MANIFEST, `${JSON.stringify(publishedManifest(JSON.parse(text)), null, 2)}\n`);
} else if (step === 'after') {
  await rename(KEPT, MANIFEST);
  await removeBuild(); // with declarations, which the application's own build has not
} else {
  throw new Error('Run npm pack instead. It calls this script with "before" and "after".');
}
