import { existsSync, readdirSync } from 'node:fs';
import { posix } from 'node:path';

import type { ChangeSet } from '../source/change-set.js';
import { type FoundModule, nearestModule } from '../source/find-module.js';
import type { Project } from '../source/project.js';
import { namesOf } from './names.js';

/** Place of new files, and the module that registers them. */
interface Place {
  readonly folder: string;
  readonly module: FoundModule;
  /** Source of the module. */
  readonly source: string;
}

/**
 * Chooses the folder of new files and the module: next to `given`, else as Nest's own generators do.
 *
 * @param words path of the folder
 * @param given file of the module
 * @throws {Error} when there is no such module
 */
export function placeOf(
  project: Project,
  files: ChangeSet,
  words: readonly string[],
  given: string | undefined,
): Place {
  const chosen = given?.replaceAll('\\', '/');
  const folder = words.reduce(folderIn, chosen === undefined ? rootOf(project) : posix.dirname(chosen));
  const module = chosen === undefined ? nearestModule(project, files, folder) : { path: chosen };
  const source = files.read(module.path);
  if (source === undefined) {
    throw new Error(
      `${module.path} does not exist. Run this in the folder of package.json, or use --module.`,
    );
  }
  return { folder, module, source };
}

/** Returns the folder of the tools if they have a module, else that of all sources. */
function rootOf({ sourceRoot }: Project): string {
  const tools = posix.join(sourceRoot, 'tools');
  return existsSync(posix.join(tools, 'tools.module.ts')) ? tools : sourceRoot;
}

/** Returns a folder that exists as it is, and a new one in kebab case. */
function folderIn(parent: string, word: string): string {
  const isPresent = existsSync(parent) && readdirSync(parent).includes(word);
  return posix.join(parent, isPresent ? word : namesOf(word).kebab);
}
