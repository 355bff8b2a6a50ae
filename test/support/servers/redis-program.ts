import { join } from 'node:path';

import { unpackDebianPackage, unpackedProgram } from './debian-package.ts';
import { onPath, run, runAsRoot } from './programs.ts';

interface Source {
  /** Program that this source needs. */
  readonly program: string;
  /** Command for a reader who installs Redis. */
  readonly remedy: string;
  /** Returns the folder of redis-server. Throws when there is none to be had. */
  readonly provide: (cache: string) => string;
}

const installed = (): string => {
  const folder = onPath('redis-server');
  if (folder === undefined) throw new Error('It installed no redis-server.');
  return folder;
};

/** Sources in the order of preference. None of them starts or enables a service of the system. */
const SOURCES: readonly Source[] = [
  {
    program: 'apt-get',
    remedy: 'sudo apt-get install redis-server',
    provide: (cache) => unpackDebianPackage('redis-server', cache),
  },
  {
    program: 'dnf',
    remedy: 'sudo dnf install redis',
    provide: () => {
      runAsRoot('dnf', 'install', '--assumeyes', 'redis');
      return installed();
    },
  },
  {
    program: 'apk',
    remedy: 'sudo apk add redis',
    provide: () => {
      // Fetches the package index, which minimal images do not contain.
      runAsRoot('apk', 'add', '--no-cache', 'redis');
      return installed();
    },
  },
  {
    program: 'brew',
    remedy: 'brew install redis',
    provide: () => {
      run('brew', 'install', 'redis');
      return installed();
    },
  },
  ...['docker', 'podman'].map((program) => ({
    program,
    remedy: `${program} pull redis:8`,
    provide: () => {
      run(program, 'run', '--rm', '--entrypoint', 'redis-server', 'redis:8', '--version');
      process.env['CONTAINER_ENGINE'] = program;
      return join(import.meta.dirname, 'in-container');
    },
  })),
];

/** Returns the folder of redis-server: an installed one, else one from the first source that has it. */
export function provideRedis(cache: string): string {
  const present = onPath('redis-server') ?? unpackedProgram('redis-server', cache);
  if (present !== undefined) return present;

  const sources = SOURCES.filter(({ program }) => onPath(program) !== undefined);
  const problems: string[] = [];
  for (const { program, provide } of sources) {
    process.stderr.write(`Redis is not installed. Trying to get it from ${program} ...\n`);
    try {
      return provide(cache);
    } catch (error) {
      problems.push(`  ${program}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  const remedy = sources[0]?.remedy ?? 'install redis-server, Docker or Podman';
  throw new Error(
    ['The tests need Redis, which is not installed and could not be downloaded.', ...problems].join('\n') +
      `\nInstall it, then run the tests again: ${remedy}`,
  );
}
