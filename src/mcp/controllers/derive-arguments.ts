import { RouteParamtypes } from '@nestjs/common/internal';

import { isRecord } from '../../values/is-record.js';
import type { JsonSchema } from '../../values/json-schema.js';
import { isInputSchema, toJsonSchema } from '../catalog/published-schema/conversion.js';
import { isClass } from '../dto/is-class.js';
import type { ApiDocumentation } from './api-documentation.js';
import { attempt } from './attempt.js';
import {
  type ClassSchema,
  documentedType,
  propertiesOf,
  requestClassSchema,
  simpleSchema,
  withoutRootReference,
} from './class-schema.js';
import { bodyOptions, notesOf, rawBody } from './parameter-notes.js';
import { readPipes } from './pipe-schemas.js';
import { parametersIn, type Route } from './route.js';
import { collisions, idOf, type Place, type RouteArgument, type RouteArguments } from './route-arguments.js';
import type { RouteParameter } from './route-parameters.js';
import { listIn } from '../../values/list-in.js';
import { recordIn } from '../../values/record-in.js';

const PLACES: Readonly<Partial<Record<RouteParamtypes, Place>>> = {
  [RouteParamtypes.PARAM]: 'path',
  [RouteParamtypes.QUERY]: 'query',
  [RouteParamtypes.HEADERS]: 'header',
  [RouteParamtypes.BODY]: 'body',
};

const DECORATORS = { path: '@Param', query: '@Query', header: '@Headers', body: '@Body' } as const;

const decoratorOf = ({ member }: RouteParameter, place: Place): string =>
  `${DECORATORS[place]}(${member === undefined ? '' : `'${member}'`})`;

/** Declaration that the arguments of a route are derived from. */
export interface ArgumentSources {
  readonly route: Route;
  readonly parameters: readonly RouteParameter[];
  readonly documentation: ApiDocumentation;
  /** Lowercase names of headers that become arguments. */
  readonly headers: readonly string[];
  readonly rename: Readonly<Record<string, string>>;
}

type Part = Omit<RouteArgument, 'name'>;

/** Derives the arguments of a route. Adds each parameter that cannot be derived to the problems. */
export function deriveArguments(sources: ArgumentSources, problems: string[]): RouteArguments {
  const { route, parameters, rename } = sources;
  const parts = new Map<string, Part>();
  const definitions: JsonSchema = {};
  const add = (part: Part): void => {
    const id = idOf(part);
    if (!parts.has(id)) parts.set(id, part);
  };
  for (const parameter of parameters) {
    const place = PLACES[parameter.kind];
    if (!place) continue;
    const subject = `its parameter ${parameter.index + 1}, ${decoratorOf(parameter, place)}, cannot be derived:`;
    attempt(subject, problems, () => {
      const derived = partsOf(parameter, place, sources);
      derived.parts.forEach(add);
      Object.assign(definitions, derived.definitions);
    });
  }
  // The handler may ignore a part of its path, but the request needs it.
  const inPath = parametersIn(route.template).map(({ name }) => name);
  for (const key of inPath) {
    attempt(`its parameter "${key}" of the path cannot be derived:`, problems, () =>
      add(documented({ place: 'path', key, schema: { type: 'string' }, isRequired: true }, sources)),
    );
  }
  const kept = [...parts.values()].filter(({ place, key = '' }) => place !== 'path' || inPath.includes(key));
  const list = kept.map((part): RouteArgument => ({
    name: rename[idOf(part)] ?? part.key ?? 'body',
    ...part,
  }));
  problems.push(...collisions(list, (id) => `rename: { '${id}': '…' }`), ...unknownNames(rename, kept));
  return { list, definitions };
}

const unknownNames = (rename: Readonly<Record<string, string>>, parts: readonly Part[]): string[] =>
  Object.keys(rename)
    .filter((id) => !parts.some((part) => idOf(part) === id))
    .map(
      (id) =>
        `its rename names "${id}", which is no part of its request. Use one of ${parts.map(idOf).join(', ')}.`,
    );

interface Derived {
  readonly parts: readonly Part[];
  readonly definitions: JsonSchema;
}

/** @throws {Error} with the reason and the remedy, when the parameter cannot be derived */
function partsOf(parameter: RouteParameter, place: Place, sources: ArgumentSources): Derived {
  const { member } = parameter;
  if (place === 'header') {
    if (member === undefined) throw new Error('it reads all headers. Name one.');
    const key = member.toLowerCase();
    return sources.headers.includes(key)
      ? { parts: [onePart(parameter, place, key, sources)], definitions: {} }
      : { parts: [], definitions: {} };
  }
  if (member !== undefined) {
    const { schema, definitions } = memberSchema(parameter, place, sources);
    return { parts: [onePart(parameter, place, member, sources, schema)], definitions };
  }
  if (place === 'path' && !isOwnClass(parameter.type) && parameter.schema === undefined) {
    return { parts: [], definitions: {} }; // all parts of the path are added anyway
  }
  const { schema, definitions } = wholeSchema(parameter, place, sources);
  if (
    schema['type'] === 'object' &&
    isRecord(schema['properties']) &&
    !isRecord(schema['additionalProperties'])
  ) {
    const required = listIn(schema['required']);
    const parts = Object.entries(propertiesOf(schema)).map(([key, value]): Part => {
      const part = { place, key, schema: recordIn(value), isRequired: required.includes(key) };
      return place === 'path' ? { ...part, isRequired: true } : documented(part, sources);
    });
    return { parts, definitions };
  }
  if (place !== 'body') throw new Error('its schema is not an object with properties. Name its members.');
  return { parts: [{ place, key: undefined, schema, isRequired: true }], definitions };
}

/** Schema of a body, or of all members of a path or query. */
function wholeSchema(
  { pipes, schema, type }: RouteParameter,
  place: Place,
  sources: ArgumentSources,
): ClassSchema {
  const whole = schemaOption(schema);
  if (whole) return whole;
  const raw = place === 'body' ? rawBody(sources.documentation) : undefined;
  if (raw) return { schema: raw, definitions: {} };
  const { items } = readPipes(pipes);
  if (items !== undefined) return listOf(items);
  if (isOwnClass(type)) return requestClassSchema(type);
  const body = place === 'body' ? bodyOptions(sources.documentation) : undefined;
  if (body) {
    const definitions: JsonSchema = {};
    const nested = (inner: Parameters<typeof requestClassSchema>[0]): JsonSchema => {
      const found = requestClassSchema(inner);
      Object.assign(definitions, found.definitions);
      return found.schema;
    };
    const found = documentedType(body, nested);
    if (Object.keys(found).length > 0) return { schema: found, definitions };
  }
  const remedy =
    place === 'body' ? ', { schema }, or @ApiBody({ type })' : ', { schema }, or name its members';
  throw new Error(`its type says nothing. Use a class${remedy}.`);
}

/** Schema of one named member, as far as pipes and the type say. */
function memberSchema(
  { member = '', pipes, schema, type }: RouteParameter,
  place: Place,
  sources: ArgumentSources,
): ClassSchema {
  const whole = schemaOption(schema);
  if (whole) return whole;
  const { items, schema: piped } = readPipes(pipes);
  if (items !== undefined) return listOf(items);
  if (piped) return { schema: piped, definitions: {} };
  const simple = simpleSchema(type);
  if (simple) return { schema: simple, definitions: {} };
  if (type === Array && place !== 'path') {
    return { schema: { type: 'array', items: place === 'body' ? {} : { type: 'string' } }, definitions: {} };
  }
  if (isOwnClass(type)) return requestClassSchema(type);
  if (place !== 'body') return { schema: { type: 'string' }, definitions: {} };
  if (member in propertiesOf(rawBody(sources.documentation) ?? {})) return { schema: {}, definitions: {} }; // documented() adds it
  throw new Error('its type says nothing. Use a class, or add a pipe such as ParseIntPipe.');
}

function listOf(items: unknown): ClassSchema {
  const simple = simpleSchema(items);
  const { schema, definitions } = simple
    ? { schema: simple, definitions: {} }
    : isOwnClass(items)
      ? requestClassSchema(items)
      : { schema: {}, definitions: {} };
  return { schema: { type: 'array', items: schema }, definitions };
}

/** Converts the Standard Schema of a decorator. */
function schemaOption(schema: unknown): ClassSchema | undefined {
  if (schema === undefined) return undefined;
  if (!isInputSchema(schema))
    throw new Error('its schema cannot be converted to JSON Schema. Use zod, or a class.');
  return withoutRootReference(toJsonSchema(schema, 'input'), 'Input');
}

function onePart(
  { pipes }: RouteParameter,
  place: Place,
  key: string,
  sources: ArgumentSources,
  schema: JsonSchema = readPipes(pipes).schema ?? { type: 'string' },
): Part {
  const { isRequired = false, fallback } = readPipes(pipes);
  const isShown = ['string', 'number', 'boolean'].includes(typeof fallback) || Array.isArray(fallback);
  const shown = isShown ? { ...schema, default: fallback } : schema;
  return documented({ place, key, schema: shown, isRequired: place === 'path' || isRequired }, sources);
}

/** Adds what `@ApiParam()`, `@ApiQuery()`, `@ApiHeader()` or `@ApiBody({ schema })` says. */
function documented(part: Part, { documentation }: ArgumentSources): Part {
  const { isRequired, notes: all } = notesOf(part, documentation);
  const { type, ...notes } = all;
  // A pipe or a class knows more than a type such as Object or String.
  const isVague = part.schema['type'] === undefined || part.schema['type'] === 'string';
  return {
    ...part,
    schema: { ...part.schema, ...(isVague && type !== undefined && { type }), ...notes },
    isRequired: part.isRequired || (isRequired && !hasDefault(part)),
  };
}

const hasDefault = ({ schema }: Part): boolean => schema['default'] !== undefined;

/** Whether a type is a class of the application, and not one that TypeScript records for many types. */
const isOwnClass = (type: unknown): type is Parameters<typeof requestClassSchema>[0] =>
  isClass(type) && ![Object, Array, String, Number, Boolean, Date, Promise].some((one) => one === type);
