import { posix } from 'node:path';

import { applyChanges, ChangeSet } from '../source/change-set.js';
import { addImport } from '../source/add-import.js';
import { importsName, requireFreeName } from '../source/free-name.js';
import { importExtension, ownApi, relativeImport } from '../source/import-path.js';
import { placeOf } from './place-of.js';
import { addToModule } from '../source/module-metadata.js';
import { type Project, readProject } from '../source/project.js';
import type { Io } from '../terminal/io.js';
import { namesOf, requireMethodName } from './names.js';
import { requireFreeOffer } from './require-free-offer.js';
import { type Kind, sourcesFor, type Style } from './templates.js';

/** Place of a new offer. */
export interface OfferOptions {
  /** File of the module that lists the providers; default the nearest one. */
  readonly module?: string | undefined;
  /** Whether to write a spec; default true. */
  readonly spec?: boolean | undefined;
}

/** Options of the command line. */
export interface NewOptions extends OfferOptions {
  readonly dryRun?: boolean;
}

/** Tells what is left to do after the files are written. */
const NEXT: Readonly<Record<Kind, string>> = {
  tool: 'Next: write its texts, input and method, choose its scopes and annotations, and restart the server.\n',
  resource: 'Next: write its texts, uri and method, choose its scopes, and restart the server.\n',
  prompt: 'Next: write its texts, arguments and method, choose its scopes, and restart the server.\n',
};

/** Why an application gets no spec. */
export const NO_SPEC = 'no spec was written, because package.json has neither Vitest nor Jest.';

/** Writes a provider with one offer and its spec, and registers the provider in the module. */
export async function createOffer(kind: Kind, name: string, options: NewOptions, io: Io): Promise<void> {
  const project = readProject({ module: options.module });
  const files = new ChangeSet();
  planOffer(project, files, kind, name, options);
  applyChanges(await files.list(), options.dryRun ?? false, io);
  if (options.spec !== false && project.runner === undefined) {
    io.stderr.write(`Note: ${NO_SPEC}\n`);
  }
  if (!options.dryRun) io.stdout.write(NEXT[kind]);
}

/** Plans a provider with one offer, its spec and its registration. Returns the name of its class. */
export function planOffer(
  project: Project,
  files: ChangeSet,
  kind: Kind,
  name: string,
  { module: given, spec = true }: OfferOptions,
): string {
  const words = name.split('/');
  const names = namesOf(words.at(-1) ?? '');
  requireMethodName(names);
  const { folder, module, source: before } = placeOf(project, files, words, given);
  const style = styleOf(project, before, folder);
  const sources = sourcesFor(kind, names, style);
  const path = posix.join(folder, sources.file);
  const from = relativeImport(module.path, `${path}${style.extension}`);
  if (importsName(project.ts, sources.provider, sources.className)) {
    throw new Error(`${path}.ts has another ${sources.className}, a decorator. Choose another name.`);
  }
  requireFreeName(project.ts, { place: module.path, source: before }, sources.className, from);
  const registered = addToModule(project.ts, before, 'providers', sources.className, module.className);
  if (registered === undefined) {
    throw new Error(
      `${module.path} has no @Module() with a list of providers to add ${sources.className} to. Use --module.`,
    );
  }
  files.create(`${path}.ts`, sources.provider);
  requireFreeOffer(project, kind, sources.provider);
  if (spec && sources.spec !== undefined) files.create(`${path}.spec.ts`, sources.spec);
  const imported = addImport(project.ts, registered, sources.className, from);
  files.change(module.path, imported, `provides ${sources.className}`);
  return sources.className;
}

/** Reads how the sources of the project look: names of imported files, the test runner. */
function styleOf(project: Project, source: string, folder: string): Style {
  return {
    api: ownApi(project, folder),
    extension: importExtension(project, source),
    runner: project.runner,
  };
}
