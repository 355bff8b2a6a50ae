import type { Principal } from '../../auth/principal.js';
import { attempt } from '../controllers/attempt.js';
import { RESERVED_HEADER } from '../controllers/reserved-header.js';
import { argumentsSchema, collisions, idOf, type RouteArgument } from '../controllers/route-arguments.js';
import type { OperationMapping, ParameterMapping } from '../decorators/open-api-options.js';
import { orDigits } from './digits.js';
import { type BodyMember, bodyOf, type RequestBody } from './body.js';
import { describe, type SchemaConverter } from '../controllers/convert-schema.js';
import { type ApiDocument, follow, textIn } from '../controllers/api-document.js';
import { membersIn, type SentNames } from './member-names.js';
import { isPlainPath, isRead, type Operation, PLACEHOLDER } from './operations.js';
import { isSupported, JSON_STYLE, type Style, styleOf } from './styles.js';
import type { JsonSchema } from '../../values/json-schema.js';
import { listIn } from '../../values/list-in.js';
import { recordIn } from '../../values/record-in.js';

/** Argument of a tool, and the part of the request that it becomes. */
export interface ApiArgument extends Omit<RouteArgument, 'place'> {
  readonly place: RouteArgument['place'] | 'cookie';
  readonly style: Style;
  /** Returns the value that callers cannot change; undefined for an argument. */
  readonly fixed?: (principal: Principal) => unknown;
}

/** Arguments of an operation. */
export interface ApiArguments {
  readonly list: readonly ApiArgument[];
  readonly names: SentNames;
  readonly body: RequestBody | undefined;
}

/**
 * Derives the arguments of an operation, narrowed by its mapping. Adds what cannot be derived to the problems.
 *
 * @param secretIds places of API keys, such as `query.api_key`, which are no arguments: many servers read the first of two
 */
export function argumentsOf(
  document: ApiDocument,
  operation: Operation,
  { parameters: changes = {} }: OperationMapping,
  converter: SchemaConverter,
  problems: string[],
  secretIds: ReadonlySet<string> = new Set(),
): ApiArguments {
  const parts = parametersOf(document, operation, problems).flatMap(
    (node) =>
      attempt(`its parameter "${String(node['name'])}"`, problems, () =>
        parameterOf(document, node, converter),
      ) ?? [],
  );
  const body = attempt('its body', problems, () =>
    bodyOf(document, isRead(operation) ? undefined : operation.node['requestBody'], converter),
  );
  const all = [...parts, ...(body?.members.map(bodyArgument) ?? [])];
  const used = new Set<string>();
  const list = all.flatMap((argument) => {
    const key = keyOf(argument, all, changes);
    if (key !== undefined) used.add(key);
    if (secretIds.has(idOf(argument).toLowerCase())) return [];
    const change = key === undefined ? undefined : changes[key];
    return narrowed(argument, change, problems);
  });
  problems.push(
    ...pathProblems(operation, all),
    ...unknownKeys(changes, used, all),
    ...collisions(shownIn(list), (id) => `parameters: { '${id}': { name: '…' } }`),
  );
  return { list, body, names: sentNames(all, body, secretIds) };
}

const lowered = (names: readonly string[]): ReadonlySet<string> =>
  new Set(names.map((name) => name.toLowerCase()));

/** Returns the names in the query and the form, which many servers read as one set of parameters. */
function sentNames(
  all: readonly ApiArgument[],
  body: RequestBody | undefined,
  secretIds: ReadonlySet<string>,
): SentNames {
  const isForm = body?.kind === 'form' || body?.kind === 'multipart';
  const sent = all.filter(({ place }) => place === 'query' || (isForm && place === 'body'));
  const secrets = [...secretIds].filter((id) => id.startsWith('query.')).map((id) => id.slice(6));
  return {
    parameters: lowered([...sent.map(({ key = '' }) => key), ...secrets]),
    members: new Map(sent.map(({ key = '', schema }) => [key.toLowerCase(), lowered(membersIn(schema))])),
  };
}

/** Parameters of the operation and those of its path that it does not override. */
function parametersOf(
  document: ApiDocument,
  { node, shared }: Operation,
  problems: string[],
): Record<string, unknown>[] {
  const found = new Map<string, Record<string, unknown>>();
  for (const parameter of [...shared, ...listIn(node['parameters'])]) {
    const followed = attempt('its parameter', problems, () => follow(document, parameter));
    if (followed) found.set(`${String(followed['in'])}.${String(followed['name'])}`, { ...followed });
  }
  return [...found.values()];
}

/** @throws {Error} when the parameter cannot be sent, with the remedy */
function parameterOf(
  document: ApiDocument,
  node: Record<string, unknown>,
  converter: SchemaConverter,
): ApiArgument[] {
  const { name: key, in: place, required, description, schema, content } = node;
  if (typeof key !== 'string' || !isPlace(place))
    throw new Error(`is in ${String(place)}, which is not supported.`);
  const isRequired = required === true || place === 'path';
  if (place === 'header' && isReserved(key)) {
    if (!isRequired || /^(accept|authorization|content-type)$/i.test(key)) return [];
    throw new Error('is a header that belongs to the connection.');
  }
  const [media] = Object.entries(recordIn(content));
  if (media && !media[0].includes('json'))
    throw new Error(`has the content type ${media[0]}. Only JSON is supported.`);
  const converted = converter.convert(media ? recordIn(media[1])['schema'] : schema);
  const style = media ? JSON_STYLE : styleOf(place, node);
  if (!isSupported(style, place, converted)) {
    throw new Error(`has the style ${style.name} in its ${place}, which is not supported.`);
  }
  const text = textIn(description);
  return [
    {
      name: nameOf(key),
      place,
      key,
      schema: {
        ...(media ? converted : orDigits(document, schema, converted)),
        ...(text !== undefined && describe(text)),
      },
      isRequired,
      style,
    },
  ];
}

const isPlace = (place: unknown): place is 'path' | 'query' | 'header' | 'cookie' =>
  place === 'path' || place === 'query' || place === 'header' || place === 'cookie';

/** OpenAPI leaves these headers to the description of the body and of security. */
const isReserved = (name: string): boolean =>
  RESERVED_HEADER.test(name.toLowerCase()) || name.toLowerCase() === 'accept';

const bodyArgument = ({ key, schema, isRequired }: BodyMember): ApiArgument => ({
  name: key === undefined ? 'body' : nameOf(key),
  place: 'body',
  key,
  schema,
  isRequired,
  style: JSON_STYLE,
});

/** Name of an argument that every client accepts. */
const nameOf = (key: string): string =>
  key
    .slice(0, 200) // the second expression takes quadratic time
    .replaceAll(/[^\w.-]+/g, '_')
    .replaceAll(/^_+|_+$/g, '')
    .slice(0, 64) || 'value';

/** Finds the key that the mapping uses for an argument. */
function keyOf(
  argument: ApiArgument,
  all: readonly ApiArgument[],
  changes: Readonly<Record<string, ParameterMapping>>,
): string | undefined {
  const id = idOf(argument);
  if (Object.hasOwn(changes, id)) return id;
  const plain = argument.key ?? 'body';
  const isUnique = all.filter(({ key = 'body' }) => key === plain).length === 1;
  return isUnique && Object.hasOwn(changes, plain) ? plain : undefined;
}

function narrowed(
  argument: ApiArgument,
  change: ParameterMapping | undefined,
  problems: string[],
): ApiArgument[] {
  if (change === undefined) return [argument];
  if (change === false) {
    if (argument.isRequired)
      problems.push(`its parameter ${idOf(argument)} is required. Give it a fixed value: { value: … }.`);
    return [];
  }
  if ('value' in change) {
    const { value } = change;
    if (value === undefined)
      problems.push(`its parameter ${idOf(argument)} has the value undefined. Set one.`);
    return [{ ...argument, fixed: isReader(value) ? value : () => value }];
  }
  const { name = argument.name, description, required = false } = change;
  return [
    {
      ...argument,
      name,
      isRequired: argument.isRequired || required,
      schema: { ...argument.schema, ...(description !== undefined && { description }) },
    },
  ];
}

const isReader = (value: unknown): value is (principal: Principal) => unknown => typeof value === 'function';

function pathProblems({ template }: Operation, list: readonly ApiArgument[]): string[] {
  if (!isPlainPath(template)) {
    return [
      `its path ${template.slice(0, 200)} is unsafe. A path must not have .., //, a query, or encoded slashes.`,
    ];
  }
  return [...template.matchAll(PLACEHOLDER)].flatMap(([, name]) =>
    list.some(({ place, key }) => place === 'path' && key === name)
      ? []
      : [`its path has {${name}}, which is not one of its parameters.`],
  );
}

const unknownKeys = (
  changes: Readonly<Record<string, ParameterMapping>>,
  used: ReadonlySet<string>,
  all: readonly ApiArgument[],
): string[] =>
  Object.keys(changes)
    .filter((key) => !used.has(key))
    .map(
      (key) =>
        `its mapping names the parameter "${key}", which is none, or several. Use one of ${all.map(idOf).join(', ') || 'none'}.`,
    );

/** JSON Schema of all arguments together. */
export const inputSchemaOf = (list: readonly ApiArgument[]): JsonSchema => argumentsSchema(shownIn(list));

const shownIn = (list: readonly ApiArgument[]): readonly ApiArgument[] =>
  list.filter(({ fixed }) => fixed === undefined);
