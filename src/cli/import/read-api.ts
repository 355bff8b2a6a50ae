import { argumentsOf } from '../../mcp/openapi/arguments.js';
import { SchemaConverter } from '../../mcp/controllers/convert-schema.js';
import { type ApiDocument, follow, plainText, textIn } from '../../mcp/controllers/api-document.js';
import { loadDocument } from '../../mcp/openapi/load-document.js';
import {
  isRead,
  type Operation,
  operationsOf,
  serverOf,
  serverProblems,
} from '../../mcp/openapi/operations.js';
import { annotationsOf, selectedIn, toolNameOf } from '../../mcp/openapi/select-operations.js';
import type { OperationMapping, ParameterMapping } from '../../mcp/decorators/open-api-options.js';
import { UsageError } from '../terminal/usage-error.js';
import type { ImportedApi } from './api-templates.js';
import { reduceDocument } from './reduce-document.js';
import { uniqueName } from './unique-name.js';
import { listIn } from '../../values/list-in.js';
import { recordIn } from '../../values/record-in.js';

/** Operations to write sources for. */
interface Chosen extends Pick<ImportedApi, 'title' | 'schemes' | 'document'> {
  readonly operations: readonly {
    readonly key: string;
    readonly isRead: boolean;
    readonly mapping: Omit<OperationMapping, 'scopes'>;
  }[];
}

/** OpenAPI document to import from. */
export interface FoundApi {
  readonly title: string;
  /** URL of the first server; undefined if there is none. */
  readonly server: string | undefined;
  readonly operations: readonly Operation[];
  /** @throws {UsageError} when the document does not have an operation or a tag */
  choose(ids: readonly string[], tags: readonly string[], baseUrl: string): Chosen;
}

const MAX_DESCRIPTION_LENGTH = 1_000;

/** @throws {Error} when the document is invalid, with all problems */
export async function readApi(source: string): Promise<FoundApi> {
  const loaded = await loadDocument(source, true);
  const problems = 'problems' in loaded ? [...loaded.problems] : [];
  const operations = 'document' in loaded ? operationsOf(loaded.document, problems) : [];
  if (problems.length > 0 || !('document' in loaded)) {
    throw new Error(problems.map((problem) => `${source}: ${problem}`).join('\n'));
  }
  const { document } = loaded;
  const title = textIn(recordIn(document.root['info'])['title']) ?? 'api';
  return {
    title,
    server: serverOf(document.root['servers']),
    operations,
    choose: (ids, tags, baseUrl) => ({ title, ...chosenIn(document, operations, ids, tags, baseUrl) }),
  };
}

function chosenIn(
  document: ApiDocument,
  operations: readonly Operation[],
  ids: readonly string[],
  tags: readonly string[],
  baseUrl: string,
): Omit<Chosen, 'title'> {
  const problems: string[] = [];
  const options = {
    name: '',
    document: {},
    operations: Object.fromEntries(ids.map((id) => [id, { name: '' }])),
    tags: Object.fromEntries(tags.map((tag) => [tag, { read: {}, write: {} }])),
  };
  const found = selectedIn(operations, options, problems);
  // An operation can be named by its id and by its route.
  const selected = [...new Set(found.map(({ operation }) => operation))];
  if (problems.length > 0) throw new UsageError(problems.join('\n'));
  for (const operation of selected) problems.push(...unsupportedIn(document, operation, baseUrl));
  if (problems.length > 0)
    throw new Error(`Leave out the operations that cannot be tools:\n${problems.join('\n')}`);
  const taken = new Set<string>();
  const reduced = reduceDocument(document, selected);
  return {
    document: reduced,
    schemes: schemesIn(reduced, selected),
    operations: selected.map((operation) => ({
      key: operation.id ?? operation.route,
      isRead: isRead(operation),
      mapping: mappingOf(document, operation, uniqueName(toolNameOf(operation), taken)),
    })),
  };
}

function mappingOf(
  document: ApiDocument,
  operation: Operation,
  name: string,
): Omit<OperationMapping, 'scopes'> {
  const { node } = operation;
  const description = plainText(textIn(node['summary']) || textIn(node['description']) || '');
  const parameters = renamed(document, operation);
  return {
    name,
    description: (description || `Calls ${operation.route}.`).slice(0, MAX_DESCRIPTION_LENGTH),
    annotations: annotationsOf(operation),
    ...(Object.keys(parameters).length > 0 && { parameters }),
  };
}

/** Finds what keeps an operation from being a tool, whatever its mapping is. */
function unsupportedIn(document: ApiDocument, operation: Operation, baseUrl: string): string[] {
  const problems = serverProblems(operation, baseUrl).map(
    (problem) => `${problem} Import it alone with that --base-url, or change its servers in the document.`,
  );
  const mapping = { name: '', parameters: renamed(document, operation) };
  argumentsOf(document, operation, mapping, new SchemaConverter(document, 'input'), problems);
  return problems.map((problem) => `${operation.id ?? operation.route}: ${problem}`);
}

/** Gives names to arguments that would have the name of another one. */
function renamed(document: ApiDocument, operation: Operation): Record<string, ParameterMapping> {
  const { list } = argumentsOf(document, operation, { name: '' }, new SchemaConverter(document, 'input'), []);
  const taken = new Set<string>();
  return Object.fromEntries(
    list.flatMap(({ name, place, key }) => {
      if (!taken.has(name)) {
        taken.add(name);
        return [];
      }
      return [[key === undefined ? place : `${place}.${key}`, { name: `${place}_${name}` }]];
    }),
  );
}

/** Security schemes of the first way to authorize each operation. */
function schemesIn(root: Record<string, unknown>, operations: readonly Operation[]): ImportedApi['schemes'] {
  const declared = recordIn(recordIn(root['components'])['securitySchemes']);
  const named = new Set(
    operations.flatMap(({ node }) => {
      const ways = listIn(node['security'] ?? root['security']).map((one) => Object.keys(recordIn(one)));
      return ways.find((names) => names.length > 0) ?? [];
    }),
  );
  return [...named]
    .filter((name) => name in declared)
    .map((name) => {
      const { type, scheme } = follow({ root, is30: false }, declared[name]);
      return { name, isBasic: type === 'http' && String(scheme).toLowerCase() === 'basic' };
    });
}

/** Lists the operations of a document for people. */
export const describeOperations = ({ operations }: FoundApi): string =>
  operations
    .map(({ id, route, tags, node }) => {
      const summary = textIn(node['summary']) ?? '';
      return `${id ?? route}\n    ${route}  ${tags.map((tag) => `#${String(tag)}`).join(' ')}  ${summary.slice(0, 100)}`.trimEnd();
    })
    .join('\n')
    .concat('\n');
