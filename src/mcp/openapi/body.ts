import { isRecord } from '../../values/is-record.js';
import type { JsonSchema } from '../../values/json-schema.js';
import { invalid } from '../controllers/invalid-argument.js';
import { textOf } from '../controllers/tool-request.js';
import type { SchemaConverter } from '../controllers/convert-schema.js';
import { type ApiDocument, follow, type Node } from '../controllers/api-document.js';
import { filesIn } from './files.js';
import type { SentNames } from './member-names.js';
import { JSON_STYLE, queryPairs, type Style, styleOf } from './styles.js';
import { listIn } from '../../values/list-in.js';
import { recordIn } from '../../values/record-in.js';

/** Member of a body, or the whole body, as an argument. */
export interface BodyMember {
  /** Undefined for the whole body. */
  readonly key: string | undefined;
  readonly schema: JsonSchema;
  readonly isRequired: boolean;
}

const KINDS = ['json', 'form', 'multipart', 'binary', 'text'] as const;

/** Body of the requests of an operation. */
export interface RequestBody {
  readonly contentType: string;
  readonly kind: (typeof KINDS)[number];
  readonly isRequired: boolean;
  readonly members: readonly BodyMember[];
  /** Members that are files. */
  readonly files: ReadonlySet<string>;
  /** Members whose part is JSON, as the document says. */
  readonly json: ReadonlySet<string>;
  /** Styles of the members of a form. */
  readonly styles: ReadonlyMap<string, Style>;
}

/** Body as it is sent. Its content type is known when it is encoded. */
export interface EncodedBody {
  readonly contentType: string;
  readonly bytes: string | Buffer;
}

/**
 * Describes the body of an operation: the first type of content in the order JSON, form, multipart, bytes, text.
 *
 * @throws {Error} when no type of its content is supported
 */
export function bodyOf(
  document: ApiDocument,
  requestBody: unknown,
  converter: SchemaConverter,
): RequestBody | undefined {
  if (requestBody === undefined) return undefined;
  const { content, required } = follow(document, requestBody);
  const entries = Object.entries(recordIn(content));
  if (entries.length === 0) return undefined;
  const [found] = KINDS.flatMap((kind) =>
    entries.filter(([type]) => kindOf(type) === kind).map(([type, media]) => ({ kind, type, media })),
  );
  if (!found) {
    throw new Error(
      `has the content type ${entries.map(([type]) => type).join(', ')}, which is not supported. Use JSON, a form, multipart, bytes or text.`,
    );
  }
  const { kind, type } = found;
  const { schema, encoding } = recordIn(found.media);
  const isRequired = required === true;
  const contentType = type.includes('*') ? 'application/octet-stream' : type;
  if (kind === 'binary' || kind === 'text') {
    const whole = {
      type: 'string',
      description: kind === 'binary' ? 'Bytes as Base64.' : 'Text of the body.',
    };
    return {
      contentType,
      kind,
      isRequired,
      members: [{ key: undefined, schema: whole, isRequired }],
      files: new Set(),
      json: new Set(),
      styles: new Map(),
    };
  }
  const source = follow(document, schema);
  const converted = flattened(converter.convert(schema));
  const { properties } = converted;
  const hasMembers =
    isRecord(properties) &&
    Object.keys(properties).length > 0 &&
    !('anyOf' in converted) &&
    !isRecord(converted['additionalProperties']);
  if (!hasMembers && kind !== 'json' && !isRequired) return undefined;
  if (!hasMembers && kind !== 'json')
    throw new Error(`is a ${kind} whose schema has no properties, which is not supported.`);
  const members = hasMembers
    ? Object.entries(properties).map(([key, member]): BodyMember => ({
        key,
        schema: recordIn(member),
        isRequired: isRequired && listIn(converted['required']).includes(key),
      }))
    : [{ key: undefined, schema: converted, isRequired }];
  const files =
    kind === 'multipart' ? filesIn(document, source, recordIn(properties)) : new Map<string, JsonSchema>();
  return {
    contentType,
    kind,
    isRequired,
    members: members.map((member) => ({ ...member, schema: files.get(member.key ?? '') ?? member.schema })),
    files: new Set(files.keys()),
    json: new Set(kind === 'multipart' ? jsonPartsIn(recordIn(encoding)) : []),
    styles: kind === 'form' ? stylesOf(recordIn(encoding), members) : new Map(),
  };
}

function kindOf(type: string): RequestBody['kind'] | undefined {
  const [mime = ''] = type.toLowerCase().split(';');
  if (mime === 'application/json' || mime.endsWith('+json')) return 'json';
  if (mime === 'application/x-www-form-urlencoded') return 'form';
  if (mime === 'multipart/form-data') return 'multipart';
  if (mime === 'application/octet-stream' || mime === '*/*' || /^(image|audio|video)\//.test(mime))
    return 'binary';
  return mime.startsWith('text/') ? 'text' : undefined;
}

/** Joins the parts of an intersection of objects into one object. */
function flattened(schema: JsonSchema): JsonSchema {
  const { allOf, ...own } = schema;
  const parts = listIn(allOf).filter(isRecord).map(flattened);
  const isJoinable =
    parts.length > 0 && parts.every((part) => isRecord(part['properties']) && !('anyOf' in part));
  if (!isJoinable) return schema;
  const all = [...parts, own];
  const required = [...new Set(all.flatMap((part) => listIn(part['required'])))];
  const joined: JsonSchema = {};
  for (const part of all) Object.assign(joined, part);
  return {
    ...joined,
    properties: Object.fromEntries(all.flatMap((part) => Object.entries(recordIn(part['properties'])))),
    ...(required.length > 0 && { required }),
  };
}

/** Styles of the members of a form. OpenAPI sends an object without a style as JSON. */
function stylesOf(
  encoding: Readonly<Record<string, unknown>>,
  members: readonly BodyMember[],
): Map<string, Style> {
  return new Map(
    members.map(({ key = '', schema }) => {
      const declared = recordIn(encoding[key]);
      const isStyled = 'style' in declared || 'explode' in declared || schema['type'] !== 'object';
      return [key, isStyled ? styleOf('query', declared) : JSON_STYLE];
    }),
  );
}

/**
 * Encodes the members that are given. Returns undefined if there is none, and the API requires no body.
 *
 * @param names names next to the members of a form
 */
export async function encodeBody(
  body: RequestBody,
  given: ReadonlyMap<string | undefined, { readonly name: string; readonly value: unknown }>,
  names: SentNames,
): Promise<EncodedBody | undefined> {
  const { contentType, kind, isRequired } = body;
  if (given.size === 0 && !isRequired) return undefined;
  const whole = given.get(undefined);
  if (kind === 'json') {
    const value = whole
      ? whole.value
      : Object.fromEntries([...given].map(([key = '', one]) => [key, one.value]));
    return { contentType, bytes: JSON.stringify(value) };
  }
  if (kind === 'form') {
    const pairs = [...given].flatMap(([key = '', { name, value }]) =>
      queryPairs(name, key, value, body.styles.get(key) ?? styleOf('query', {}), names),
    );
    return { contentType, bytes: pairs.join('&') };
  }
  if (kind === 'multipart') return multipart(body, given);
  const { name, value } = whole ?? { name: 'body', value: undefined };
  const text = textOf(name, value);
  return { contentType, bytes: kind === 'binary' ? bytesOf(name, text) : text };
}

/** Members for which the document names JSON as the type of their part. */
const jsonPartsIn = (encoding: Node): string[] =>
  Object.keys(encoding).filter((key) => /\bjson\b/.test(String(recordIn(encoding[key])['contentType'])));

async function multipart(
  { files, json }: RequestBody,
  given: ReadonlyMap<string | undefined, { readonly name: string; readonly value: unknown }>,
): Promise<EncodedBody> {
  const form = new FormData();
  for (const [key = '', { name, value }] of given) {
    if (files.has(key)) {
      for (const file of [value].flat()) {
        form.append(key, new Blob([new Uint8Array(bytesOf(name, textOf(name, file)))]), key);
      }
    } else if (json.has(key)) form.append(key, jsonPart(value));
    else if (Array.isArray(value) && value.every((item) => item === null || typeof item !== 'object')) {
      for (const item of value) form.append(key, textOf(name, item));
    } else if (typeof value === 'object' && value !== null) form.append(key, jsonPart(value));
    else form.append(key, textOf(name, value));
  }
  const encoded = new Response(form);
  return {
    contentType: encoded.headers.get('content-type') ?? 'multipart/form-data',
    bytes: Buffer.from(await encoded.arrayBuffer()),
  };
}

const jsonPart = (value: unknown): Blob => new Blob([JSON.stringify(value)], { type: 'application/json' });

/** @throws {Refusal} when the text is not Base64 */
function bytesOf(name: string, text: string): Buffer {
  if (!/^[A-Za-z0-9+/_-]*={0,2}\s*$/.test(text)) throw invalid(name, 'must be Base64');
  return Buffer.from(text, 'base64');
}
