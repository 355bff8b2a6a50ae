import type { ApiDocumentation } from './api-documentation.js';
import { documentedType, propertiesOf, requestClassSchema } from './class-schema.js';
import { rawSchema } from './raw-schema.js';
import type { RouteArgument } from './route-arguments.js';
import type { JsonSchema } from '../../values/json-schema.js';
import { listIn } from '../../values/list-in.js';
import { recordIn } from '../../values/record-in.js';

type Options = Readonly<Record<string, unknown>>;

/** Keywords that decorators of @nestjs/swagger add to a part of a request. */
export interface ParameterNotes {
  readonly notes: JsonSchema;
  readonly isRequired: boolean;
}

/** Reads `@ApiParam()`, `@ApiQuery()` and `@ApiHeader()`, and the members of `@ApiBody({ schema })`. */
export function notesOf(
  { place, key }: Pick<RouteArgument, 'place' | 'key'>,
  documentation: ApiDocumentation,
): ParameterNotes {
  if (place === 'body') {
    const raw = rawBody(documentation) ?? {};
    const member = key === undefined ? undefined : propertiesOf(raw)[key];
    return { notes: recordIn(member), isRequired: listIn(raw['required']).includes(key) };
  }
  const options = documentation.parameters.find(
    ({ in: at, name }) => at === place && (place === 'header' ? String(name).toLowerCase() : name) === key,
  );
  if (!options) return { notes: {}, isRequired: false };
  return {
    notes: parameterSchema(options, documentation),
    isRequired: place === 'query' && options['required'] === true,
  };
}

function parameterSchema(options: Options, documentation: ApiDocumentation): JsonSchema {
  const raw = inputSchema(options, documentation);
  if (!raw) return documentedType(options, () => ({}));
  const { type: _type, isArray: _isArray, items: _items, ...notes } = options;
  return { ...raw, ...documentedType(notes, () => ({})) };
}

/** Options of `@ApiBody()`. */
export const bodyOptions = ({ parameters }: ApiDocumentation): Options | undefined =>
  parameters.find((options) => options['in'] === 'body');

/** Schema of the body that `@ApiBody({ schema })` contains. */
export const rawBody = (documentation: ApiDocumentation): JsonSchema | undefined =>
  inputSchema(bodyOptions(documentation) ?? {}, documentation);

const inputSchema = (options: Options, { models }: ApiDocumentation): JsonSchema | undefined =>
  rawSchema(options, 'input', { classes: models, schemaOf: requestClassSchema });
