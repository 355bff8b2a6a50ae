import { execFile, spawnSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Program of a client: its sources, and the folder where it is installed. */
export interface Place {
  readonly source: string;
  readonly installed: string;
}

/** Language in which clients are written. */
interface Toolchain {
  /** File of a program that names its dependencies. */
  readonly manifest: string;
  /** Command without which a program cannot run. */
  readonly requires: string;
  /** Commands that install and build a program, in its folder. */
  readonly install: readonly (readonly string[])[];
  readonly run: readonly string[];
  /** Reads the pinned versions from the manifest. */
  readonly versions: (manifest: string) => string[];
}

const execute = promisify(execFile);
/** Timeout of each command that installs or builds. */
const INSTALL_TIMEOUT_MS = 1_800_000;

const matches = (pattern: RegExp) => (manifest: string) =>
  Array.from(manifest.matchAll(pattern), ([, name, version]) => `${name} ${version}`);

const TOOLCHAINS: readonly Toolchain[] = [
  {
    manifest: 'package.json',
    requires: 'npm',
    install: [['npm', 'install', '--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline']],
    run: ['node', 'main.mjs'],
    versions: matches(/"([^"]+)": "(\d[^"]*)"/g),
  },
  {
    manifest: 'requirements.txt',
    requires: 'python3',
    install: [
      ['python3', '-m', 'venv', 'venv'],
      ['venv/bin/pip', 'install', '--quiet', '--disable-pip-version-check', '-r', 'requirements.txt'],
    ],
    run: ['venv/bin/python', 'main.py'],
    versions: matches(/^([\w-]+)(?:\[[\w,]+\])?==(\S+)$/gm),
  },
  {
    manifest: 'go.mod',
    requires: 'go',
    install: [['go', 'build', '-p', '1', '-o', 'client', '.']],
    run: ['./client'],
    versions: matches(/^require (\S+) (\S+)$/gm),
  },
  {
    manifest: 'Cargo.toml',
    requires: 'cargo',
    install: [['cargo', 'build', '--quiet', '--jobs', '1', '--locked']],
    run: ['target/debug/client'],
    versions: matches(/^(rmcp) = \{ version = "=([^"]+)"/gm),
  },
  {
    manifest: 'pom.xml',
    requires: 'mvn',
    install: [
      [
        'mvn',
        '--quiet',
        '--batch-mode',
        'package',
        'dependency:build-classpath',
        '-Dmdep.outputFile=classpath',
      ],
    ],
    run: ['sh', '-c', 'exec java -cp "target/classes:$(cat classpath)" Main'],
    versions: matches(/<artifactId>(mcp)<\/artifactId>\s*<version>([^<]+)</g),
  },
];

/** Returns the toolchain of a program by its manifest. */
export function toolchainOf({ source }: Place): Toolchain {
  const found = TOOLCHAINS.find(({ manifest }) => existsSync(join(source, manifest)));
  if (!found)
    throw new Error(`${source} has none of ${TOOLCHAINS.map(({ manifest }) => manifest).join(', ')}.`);
  return found;
}

export const versionsOf = (place: Place): string[] => {
  const { manifest, versions } = toolchainOf(place);
  return versions(readFileSync(join(place.source, manifest), 'utf8'));
};

export const isMissing = ({ requires }: Toolchain): boolean =>
  spawnSync('sh', ['-c', `command -v ${requires}`]).status !== 0;

/**
 * Copies a program to its folder, installs what it needs, and builds it.
 *
 * @throws {Error} when a command fails
 */
export async function install(place: Place, shared: string): Promise<void> {
  const { install: commands } = toolchainOf(place);
  cpSync(shared, place.installed, { recursive: true });
  cpSync(place.source, place.installed, { recursive: true });
  for (const [command = '', ...parameters] of commands) {
    await execute(command, parameters, { cwd: place.installed, timeout: INSTALL_TIMEOUT_MS });
  }
}
