import { isRecord } from '../../values/is-record.js';
import { typesOf } from '../../values/json-schema.js';
import { listIn } from '../../values/list-in.js';
import { messageOf } from '../../values/trace-of.js';
import { recordIn } from '../../values/record-in.js';
import { type ApiDocument, follow, type Node } from '../controllers/api-document.js';
import type { ResponseMapping } from '../decorators/open-api-options.js';
import type { Operation } from './operations.js';
import { successfulSchemas } from './response-schema.js';

/**
 * Finds fields to hide or keep that a response never has. A misspelled field would not be hidden. Reads the document
 * itself, because the converted schema is cut, or missing if it is too large.
 */
export function fieldProblems(
  document: ApiDocument,
  operation: Operation,
  { hide = [], keep = [] }: ResponseMapping,
): string[] {
  const paths = [...hide, ...keep];
  if (paths.length === 0) return [];
  try {
    const schemas = successfulSchemas(document, operation);
    if (schemas.length === 0) {
      return [
        'its document has no JSON schema of a successful response, so the fields to hide or keep cannot be checked. Add the schema, or use the complete document.',
      ];
    }
    const isKnown = (path: string): boolean => hasField(document, schemas, path.split('.'));
    return paths
      .filter((path) => !isKnown(path))
      .map((path) => {
        const field = pathsOfMap(path).find(isKnown);
        return `its response has no field "${path}" to hide or keep.${field === undefined ? '' : ` Did you mean "${field}"?`}`;
      });
  } catch (error) {
    return [`its response ${messageOf(error)}`];
  }
}

/** Paths with `*` in place of the keys of a map. */
function pathsOfMap(path: string): string[] {
  const names = path.split('.');
  return names.map((_, index) => names.toSpliced(index, 0, '*').join('.'));
}

function hasField(document: ApiDocument, schemas: readonly unknown[], names: readonly string[]): boolean {
  let level = schemas;
  for (const name of names) {
    const { nodes, isOpen } = partsOf(document, level);
    if (isOpen) return true;
    level = nodes.flatMap((node) => membersOf(document, node, name));
  }
  return level.length > 0;
}

function membersOf(document: ApiDocument, { properties, additionalProperties }: Node, name: string): Node[] {
  if (isRecord(properties) && Object.hasOwn(properties, name)) return [recordIn(properties[name])];
  if (!isRecord(additionalProperties)) return [];
  // A path to a member of each value needs `*`: without, it would name a key and hide nothing.
  const isMisplaced =
    name !== '*' &&
    partsOf(document, [additionalProperties]).nodes.some((node) =>
      Object.hasOwn(recordIn(node['properties']), name),
    );
  return isMisplaced ? [] : [additionalProperties];
}

/** Parts of the schemas of one place in a response. */
interface Parts {
  readonly nodes: readonly Node[];
  /** Whether a part is an object of any form. */
  readonly isOpen: boolean;
}

/** Collects the schemas themselves, the parts of their unions and intersections, and the items of their lists. */
function partsOf(document: ApiDocument, schemas: readonly unknown[]): Parts {
  const pending = schemas.map((schema) => ({ schema, isDeclared: false }));
  const undeclared = new Set<Node>();
  const declared = new Set<Node>();
  let isOpen = false;
  for (let next = pending.pop(); next; next = pending.pop()) {
    const node = follow(document, next.schema);
    const seen = next.isDeclared ? declared : undeclared;
    if (seen.has(node)) continue;
    seen.add(node);
    const { items } = node;
    const unions = [...listIn(node['anyOf']), ...listIn(node['oneOf'])];
    const all = listIn(node['allOf']);
    // An intersection has the members of all its parts, so one without members does not open it.
    const isDeclared = next.isDeclared || hasMembers(node) || declaresMembers(document, all);
    pending.push(...[...unions, ...all].map((schema) => ({ schema, isDeclared })));
    if (isRecord(items)) pending.push({ schema: items, isDeclared: false });
    else if (!isDeclared && unions.length + all.length === 0 && isAnyObject(node)) isOpen = true;
  }
  return { nodes: [...new Set([...undeclared, ...declared])], isOpen };
}

const hasMembers = ({ properties, additionalProperties }: Node): boolean =>
  isRecord(properties) || isRecord(additionalProperties);

/** Whether a part of an intersection, at any depth, names members. */
function declaresMembers(document: ApiDocument, parts: readonly unknown[]): boolean {
  const pending = [...parts];
  const seen = new Set<Node>();
  while (pending.length > 0) {
    const node = follow(document, pending.pop());
    if (seen.has(node)) continue;
    if (hasMembers(node)) return true;
    seen.add(node);
    pending.push(...listIn(node['allOf']), ...listIn(node['anyOf']), ...listIn(node['oneOf']));
  }
  return false;
}

/** Whether a schema without members allows any: an object, a list of anything, or a value of any type. */
function isAnyObject(node: Node): boolean {
  if ('enum' in node || 'const' in node) return false;
  const types = typesOf(node);
  return types.length === 0 || types.includes('object') || types.includes('array');
}
