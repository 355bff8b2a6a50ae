import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';

import { z } from 'zod';

import { systemErrorCode } from '../../values/system-error-code.js';
import { loadTypeScript, type TypeScript } from './typescript.js';

const dependencies = z.record(z.string(), z.string()).optional();
const manifest = z.looseObject({
  name: z.string().optional(),
  type: z.string().optional(),
  dependencies,
  devDependencies: dependencies,
  peerDependencies: dependencies,
});

/** Parts of `package.json`. */
export type Manifest = z.infer<typeof manifest>;

const nestCli = z.looseObject({ sourceRoot: z.string().optional(), entryFile: z.string().optional() });

/** NestJS application in the working directory. Paths are relative to it, with slashes. */
export interface Project {
  readonly ts: TypeScript;
  readonly manifest: Manifest;
  readonly sourceRoot: string;
  /** File that creates the application. */
  readonly entry: string;
  /** Test runner, if the project has one that the specs are written for. */
  readonly runner: 'vitest' | 'jest' | 'jest-globals' | undefined;
}

/** Chosen part of a repository with several applications. */
interface Choice {
  /** Folder of the sources; default that of `nest-cli.json`. */
  readonly sourceRoot?: string | undefined;
  /** File of a module. If it is outside the sources of `nest-cli.json`, it chooses the application that it is part of. */
  readonly module?: string | undefined;
}

/**
 * Reads the project.
 *
 * @throws {Error} when there is no `package.json`
 */
export function readProject({ sourceRoot: givenRoot, module }: Choice = {}): Project {
  const own = parsed('package.json', manifest);
  if (!own) {
    throw new Error(
      'There is no package.json here. Run this in the folder of package.json of your application.',
    );
  }
  const { sourceRoot: configuredRoot = 'src', entryFile = 'main' } = parsed('nest-cli.json', nestCli) ?? {};
  const sourceRoot = givenRoot ?? rootFor(module, configuredRoot, `${entryFile}.ts`);
  return {
    ts: loadTypeScript(),
    manifest: own,
    sourceRoot,
    entry: posix.join(sourceRoot, `${entryFile}.ts`),
    runner: runnerOf(installedBy(own)),
  };
}

/** @param entryFile name of the file that is next to the sources of an application */
function rootFor(module: string | undefined, configured: string, entryFile: string): string {
  if (module === undefined) return configured;
  const path = module.replaceAll('\\', '/');
  if (!posix.relative(configured, path).startsWith('../')) return configured;
  const own = posix.dirname(path);
  return foldersAbove(own).find((folder) => existsSync(posix.join(folder, entryFile))) ?? own;
}

/** Returns a folder and those that contain it, below the working directory. */
function foldersAbove(folder: string): string[] {
  const parent = posix.dirname(folder);
  return parent === folder || folder === '.' ? [] : [folder, ...foldersAbove(parent)];
}

/** Reads the sources of an application, without specs, declarations and packages. */
export const sourcesOf = ({ sourceRoot }: Project): { readonly path: string; readonly text: string }[] =>
  readdirSync(sourceRoot, { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter(
      (name) => name.endsWith('.ts') && !/(^|\/)node_modules\/|[.-](spec|test)\.ts$|\.d\.ts$/.test(name),
    )
    .map((name) => posix.join(sourceRoot, name))
    .map((path) => ({ path, text: readFileSync(path, 'utf8') }));

/** Returns all dependencies of a manifest with their ranges. */
export const installedBy = (own: Manifest): Readonly<Record<string, string>> => ({
  ...own.peerDependencies,
  ...own.devDependencies,
  ...own.dependencies,
});

function runnerOf(installed: Readonly<Record<string, string>>): Project['runner'] {
  if ('vitest' in installed) return 'vitest';
  if (!('jest' in installed)) return undefined;
  return '@types/jest' in installed ? 'jest-globals' : 'jest';
}

/** @throws {Error} when the file exists, but cannot be read or is invalid */
function parsed<Schema extends z.ZodType>(path: string, schema: Schema): z.output<Schema> | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if (systemErrorCode(cause) === 'ENOENT') return undefined;
    throw new Error(`${path} cannot be read (${systemErrorCode(cause)}).`, { cause });
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new Error(`${path} is not valid. Correct it first.`, { cause });
  }
}
