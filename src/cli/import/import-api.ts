import { posix } from 'node:path';

import type { OperationMapping } from '../../mcp/decorators/open-api-options.js';
import { httpUrl } from '../../values/http-url.js';
import { loadOptional } from '../../values/load-optional.js';
import { type Names, namesOf } from '../new/names.js';
import { RUNNER_IMPORTS } from '../new/templates.js';
import { addImport } from '../source/add-import.js';
import { applyChanges, ChangeSet } from '../source/change-set.js';
import { placeOf } from '../new/place-of.js';
import { requireFreeName } from '../source/free-name.js';
import { importExtension, ownApi, relativeImport } from '../source/import-path.js';
import { addToModule } from '../source/module-metadata.js';
import { type Project, readProject } from '../source/project.js';
import type { Io } from '../terminal/io.js';
import { printable } from '../terminal/printable.js';
import { UsageError } from '../terminal/usage-error.js';
import { documentSource, type ImportedApi, mappingSource, specSource, variablesOf } from './api-templates.js';
import { withoutSlash } from '../../values/without-slash.js';

/** Options of the command line. */
export interface ImportOptions {
  readonly operation?: readonly string[];
  readonly tag?: readonly string[];
  readonly list?: boolean;
  readonly name?: string;
  readonly baseUrl?: string;
  readonly module?: string;
  readonly spec?: boolean;
  readonly dryRun?: boolean;
}

/** Loads what reads OpenAPI documents: optional peer dependencies. */
const loadParts = (): Promise<typeof import('./read-api.js')> =>
  loadOptional(
    'import openapi',
    ['@seriousme/openapi-schema-validator', 'undici', 'yaml', 'ipaddr.js'],
    () => import('./read-api.js'),
  );

/** Writes the mapping of chosen operations, the part of the document that they need, and a spec. */
export async function importApi(source: string, options: ImportOptions, io: Io): Promise<void> {
  const { readApi, describeOperations } = await loadParts();
  const found = await readApi(source);
  if (options.list === true) {
    io.stdout.write(printable(describeOperations(found)));
    return;
  }
  const { operation: ids = [], tag: tags = [] } = options;
  if (ids.length === 0 && tags.length === 0) {
    throw new UsageError('Choose operations with --operation or --tag. --list shows those of the document.');
  }
  const baseUrl = baseUrlOf(options.baseUrl ?? found.server);
  const chosen = found.choose(ids, tags, baseUrl);
  const names = nameOf(options.name ?? found.title);
  const api: ImportedApi = { names, baseUrl, ...chosen, operations: withScopes(chosen.operations, names) };
  const project = readProject();
  const files = new ChangeSet();
  const mapping = planApi(project, files, api, options);
  applyChanges(await files.list(), options.dryRun ?? false, io);
  const notes = [
    ...(chosen.schemes.length === 0
      ? ['The document names no credentials. If the API needs some, add securitySchemes and credentials.']
      : []),
    ...(options.spec !== false && project.runner === undefined
      ? ['No spec was written, because package.json has neither Vitest nor Jest.']
      : []),
  ];
  for (const note of notes) io.stderr.write(`Note: ${printable(note)}\n`);
  if (options.dryRun === true) return;
  const variables = [...variablesOf(api).values()];
  const hint = variables.length > 1 ? ' (in the mapping, remove those that you do not use)' : '';
  const secrets = variables.length > 0 ? `  set ${variables.join(', ')}${hint}\n` : '';
  io.stdout.write(`\nNext:\n  review ${mapping}\n${secrets}`);
}

/** @throws {UsageError} when no name can be made of the title */
function nameOf(title: string): Names {
  try {
    return namesOf(title);
  } catch {
    throw new UsageError(
      `"${printable(title.slice(0, 100))}" is not a name for files. Choose one with --name.`,
    );
  }
}

function baseUrlOf(text: string | undefined): string {
  if (text === undefined || text.includes('{') || !httpUrl.safeParse(text).success) {
    throw new UsageError('The document names no server with a URL. Name it with --base-url.');
  }
  return withoutSlash(text);
}

const withScopes = (
  operations: readonly {
    readonly key: string;
    readonly mapping: Omit<OperationMapping, 'scopes'>;
    readonly isRead: boolean;
  }[],
  { kebab }: Names,
): ImportedApi['operations'] =>
  operations.map(({ key, mapping: { name, description, ...rest }, isRead }) => ({
    key,
    mapping: {
      name,
      ...(description !== undefined && { description }),
      scopes: [`${kebab}:${isRead ? 'read' : 'write'}`],
      ...rest,
    },
  }));

/** Plans all files. Returns the path of the mapping. */
function planApi(
  project: Project,
  files: ChangeSet,
  api: ImportedApi,
  { module: given, spec = true }: ImportOptions,
): string {
  const { camel, kebab } = api.names;
  const { folder, module, source: before } = placeOf(project, files, [kebab], given);
  const extension = importExtension(project, before);
  const from = ownApi(project, folder);
  const path = posix.join(folder, kebab);
  files.create(`${path}.api.ts`, mappingSource(api, from, extension));
  files.create(`${path}.document.ts`, documentSource(api));
  if (spec && project.runner !== undefined) {
    files.create(`${path}.api.spec.ts`, RUNNER_IMPORTS[project.runner] + specSource(api, from, extension));
  }
  const registered = addToModule(project.ts, before, 'imports', `fromOpenApi(${camel}Api)`, module.className);
  if (registered === undefined) {
    throw new Error(
      `${module.path} has no @Module() with a list of imports to add ${camel}Api to. Use --module.`,
    );
  }
  const own = ownApi(project, posix.dirname(module.path));
  const source = addImport(project.ts, registered, 'fromOpenApi', own);
  const fromApi = relativeImport(module.path, `${path}.api${extension}`);
  requireFreeName(project.ts, { place: module.path, source }, `${camel}Api`, fromApi);
  files.change(module.path, addImport(project.ts, source, `${camel}Api`, fromApi), `imports ${camel}Api`);
  return `${path}.api.ts`;
}
