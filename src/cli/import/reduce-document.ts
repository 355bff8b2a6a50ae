import { isRecord } from '../../values/is-record.js';
import { recordIn } from '../../values/record-in.js';
import { type ApiDocument, targetOf } from '../../mcp/controllers/api-document.js';
import { responseSchema, successfulResponses } from '../../mcp/openapi/response-schema.js';
import { tolerantOutput } from '../../mcp/openapi/tolerant-output.js';
import type { Operation } from '../../mcp/openapi/operations.js';

/** Members of a document that tools do not need. */
const UNUSED = /^(x-.*|externalDocs|examples?|callbacks|links|servers|deprecated|xml)$/;

/** Copies the part of a document that operations need: themselves, and what they refer to. */
export function reduceDocument(
  document: ApiDocument,
  operations: readonly Operation[],
): Record<string, unknown> {
  const { root } = document;
  const reduced: Record<string, unknown> = {
    openapi: root['openapi'],
    info: { title: recordIn(root['info'])['title'], version: recordIn(root['info'])['version'] },
    ...('security' in root && { security: root['security'] }),
    paths: {},
  };
  const pending: string[] = [];
  const copy: Copy = { root, pending, inlined: 0, depth: 0 };
  for (const operation of operations) {
    const { template, method, node, shared } = operation;
    const item = memberOf(memberOf(reduced, 'paths'), template);
    if (shared.length > 0) item['parameters'] = copied(shared, copy);
    item[method.toLowerCase()] = copied(
      {
        ...node,
        responses: hasOutput(document, operation) ? successfulResponses(node['responses']) : ANY_RESPONSE,
      },
      copy,
    );
  }
  const schemes = recordIn(recordIn(root['components'])['securitySchemes']);
  if (Object.keys(schemes).length > 0) {
    memberOf(reduced, 'components')['securitySchemes'] = copied(schemes, copy, true);
  }
  const seen = new Set<string>();
  for (let reference = pending.pop(); reference !== undefined; reference = pending.pop()) {
    if (seen.has(reference)) continue;
    seen.add(reference);
    place(reduced, reference, copied(targetOf(root, reference), copy));
  }
  return reduced;
}

/** OpenAPI requires a response. */
const ANY_RESPONSE = { default: { description: 'Any response' } };

/** Whether the schema of the response is short enough to become that of the result. It is left out otherwise. */
function hasOutput(document: ApiDocument, operation: Operation): boolean {
  const schema = responseSchema(document, operation, []);
  return schema !== undefined && tolerantOutput(schema) !== undefined;
}

/** Copying of parts of a document. */
interface Copy {
  readonly root: Record<string, unknown>;
  /** References to components that the copies need. */
  readonly pending: string[];
  /** Number of references that were replaced by their targets. */
  inlined: number;
  /** Number of them within each other. */
  depth: number;
}

const COMPONENT = /^#\/components\/[^/]+\/[^/]+/;
const MAX_INLINED = 10_000;
const MAX_DEPTH = 16;

/** Copies a value, and collects the components that it refers to. Replaces references to other parts by their targets. */
function copied(value: unknown, copy: Copy, isMap = false): unknown {
  if (Array.isArray(value)) return value.map((item) => copied(item, copy));
  if (!isRecord(value)) return value;
  const reference = isMap ? undefined : value['$ref'];
  if (typeof reference === 'string') {
    const [component] = COMPONENT.exec(reference) ?? [];
    if (component === undefined) return inlined(value, reference, copy);
    copy.pending.push(component);
  }
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => isMap || !UNUSED.test(name))
      .map(([name, member]) => [
        name,
        VERBATIM.has(name) && !isMap ? member : copied(member, copy, MAPS.has(name) && !isMap),
      ]),
  );
}

/** Other operations, for example, are not part of the copy. */
function inlined(
  { $ref: _reference, ...beside }: Record<string, unknown>,
  reference: string,
  copy: Copy,
): unknown {
  if (++copy.inlined > MAX_INLINED || ++copy.depth > MAX_DEPTH) {
    throw new Error(
      `The document refers too often to parts such as ${reference.slice(0, 200)}. Move them to components.`,
    );
  }
  const found = copied({ ...targetOf(copy.root, reference), ...beside }, copy);
  copy.depth--;
  return found;
}

/** Members whose own members have names of the author's choice, which may look like those above. */
const MAPS = new Set([
  'properties',
  'patternProperties',
  'dependentSchemas',
  '$defs',
  'definitions',
  'schemas',
  'parameters',
  'headers',
  'responses',
  'content',
  'encoding',
  'securitySchemes',
]);

/** Members with data, or with names of the author's choice and no schemas. */
const VERBATIM = new Set(['security', 'scopes', 'mapping', 'dependentRequired', 'const', 'enum', 'default']);

function place(document: Record<string, unknown>, reference: string, value: unknown): void {
  const names = reference
    .split('/')
    .slice(1)
    .map((part) => decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~'));
  const last = names.pop();
  if (last === undefined) return;
  names.reduce(memberOf, document)[last] = value;
}

/** Returns a member that is an object, and creates it if necessary. */
function memberOf(parent: Record<string, unknown>, name: string): Record<string, unknown> {
  const found = Object.hasOwn(parent, name) ? parent[name] : undefined;
  if (isRecord(found)) return found;
  const created: Record<string, unknown> = {};
  Object.defineProperty(parent, name, {
    value: created,
    enumerable: true,
    writable: true,
    configurable: true,
  });
  return created;
}
