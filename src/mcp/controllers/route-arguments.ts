import type { JsonSchema } from '../dto/rule-keywords.js';

/** Part of a request that an argument becomes. */
export type Place = 'path' | 'query' | 'header' | 'body';

/** Argument of a tool, and the part of the request that it becomes. */
export interface RouteArgument {
  /** Name of the argument. */
  readonly name: string;
  readonly place: Place;
  /** Name in the request; undefined if the argument is the whole body. */
  readonly key: string | undefined;
  readonly schema: JsonSchema;
  readonly isRequired: boolean;
}

/** Arguments of a route, and definitions that their schemas refer to. */
export interface RouteArguments {
  readonly list: readonly RouteArgument[];
  readonly definitions: JsonSchema;
}

/** Returns the schema of all arguments together. */
export function argumentsSchema({ list, definitions }: RouteArguments): JsonSchema {
  const required = list.filter(({ isRequired }) => isRequired).map(({ name }) => name);
  return {
    type: 'object',
    properties: Object.fromEntries(list.map(({ name, schema }) => [name, schema])),
    ...(required.length > 0 && { required }),
    ...(Object.keys(definitions).length > 0 && { $defs: definitions }),
  };
}
