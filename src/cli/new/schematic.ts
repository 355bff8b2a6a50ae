// Schematics for `nest generate --collection aerie-mcp`, listed in schematics/collection.json.
import { ChangeSet } from '../source/change-set.js';
import { readProject } from '../source/project.js';
import { type OfferOptions, planOffer } from './new.js';
import type { Kind } from './templates.js';

/** Options of `nest generate`. */
interface SchematicOptions extends OfferOptions {
  readonly name: string;
  /** Folder of the files, below the sources. */
  readonly path?: string;
  /** Sources of the chosen project of a workspace. */
  readonly sourceRoot?: string;
}

/** The part of the Tree of `@angular-devkit/schematics` that a schematic writes to. */
interface Tree {
  create(path: string, content: string): void;
  overwrite(path: string, content: string): void;
}

const schematic =
  (kind: Kind) =>
  ({ name, path: folder, sourceRoot, ...options }: SchematicOptions) =>
  async (tree: Tree): Promise<void> => {
    const files = new ChangeSet();
    const project = readProject({ sourceRoot, module: options.module });
    planOffer(project, files, kind, folder ? `${folder}/${name}` : name, options);
    for (const { path, before, after } of await files.list()) {
      if (before === undefined) tree.create(path, after);
      else tree.overwrite(path, after);
    }
  };

export const tool = schematic('tool');
export const resource = schematic('resource');
export const prompt = schematic('prompt');
