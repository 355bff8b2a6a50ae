import { isRecord } from '../../values/is-record.js';
import { type JsonSchema, typesOf } from '../../values/json-schema.js';
import { listIn } from '../../values/list-in.js';
import { type ApiDocument, follow, type Node, textIn } from '../controllers/api-document.js';
import { isBinary } from '../controllers/convert-schema.js';

/** Kind of value that a schema allows. */
type Form = 'file' | 'files' | 'null' | 'other';

/** Maximum number of unions, intersections and lists around a file: less than those that are converted. */
const MAX_DEPTH = 8;

/** Finds the members of a multipart body that are files, and the schemas of their arguments. */
export function filesIn(
  document: ApiDocument,
  schema: unknown,
  members: Readonly<Record<string, unknown>>,
): Map<string, JsonSchema> {
  return new Map(
    [...propertiesOf(document, schema)].flatMap(([key, property]): [string, JsonSchema][] => {
      const member = Object.hasOwn(members, key) ? members[key] : undefined;
      if (!isRecord(member)) return [];
      const forms = new Set(formsOf(document, property));
      const isFile = (forms.has('file') || forms.has('files')) && !forms.has('other');
      return isFile ? [[key, fileSchema(forms, textIn(member['description']))]] : [];
    }),
  );
}

/** Properties of a schema and of the parts of its intersection. */
function propertiesOf(document: ApiDocument, schema: unknown, depth = 0): Map<string, unknown> {
  const node = follow(document, schema);
  if (depth === MAX_DEPTH) return new Map();
  const { properties, allOf } = node;
  const parts = listIn(allOf).flatMap((part) => [...propertiesOf(document, part, depth + 1)]);
  return new Map([...parts, ...(isRecord(properties) ? Object.entries(properties) : [])]);
}

function formsOf(document: ApiDocument, schema: unknown, depth = 0): Form[] {
  const node = follow(document, schema);
  if (depth === MAX_DEPTH) return ['other'];
  const types = typesOf(node);
  if (types.length === 1 && types[0] === 'null') return ['null'];
  const hasNull = types.includes('null') || node['nullable'] === true;
  const inner = (part: unknown): Form[] => formsOf(document, part, depth + 1);
  const forms = formsWithoutNull(node, inner);
  return hasNull ? [...forms, 'null'] : forms;
}

function formsWithoutNull(node: Node, inner: (part: unknown) => Form[]): Form[] {
  if (isBinary(node)) return ['file'];
  const unions = [...listIn(node['anyOf']), ...listIn(node['oneOf'])].flatMap(inner);
  if (unions.length > 0) return unions;
  // A part of an intersection may have a description only.
  const parts = listIn(node['allOf'])
    .flatMap(inner)
    .filter((form) => form !== 'other');
  if (parts.length > 0) return parts;
  const items = isRecord(node['items']) ? inner(node['items']) : [];
  return items.includes('file') && items.every((form) => form === 'file' || form === 'null')
    ? ['files']
    : ['other'];
}

function fileSchema(forms: ReadonlySet<Form>, description: string | undefined): JsonSchema {
  const text = `${description ?? (forms.has('file') ? 'File.' : 'Files.')} As Base64.`;
  const types = [
    ...(forms.has('file') ? ['string'] : []),
    ...(forms.has('files') ? ['array'] : []),
    ...(forms.has('null') ? ['null'] : []),
  ];
  return {
    type: types.length === 1 ? types[0] : types,
    ...(forms.has('files') && { items: { type: 'string' } }),
    description: text,
  };
}
