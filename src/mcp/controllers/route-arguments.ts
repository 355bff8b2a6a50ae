import type { JsonSchema } from '../../values/json-schema.js';

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

/** Part of a request by its place and its name there. */
interface RequestPart {
  readonly place: string;
  readonly key: string | undefined;
}

/** Names a part of a request, such as `query.page`. */
export const idOf = ({ place, key }: RequestPart): string => (key === undefined ? place : `${place}.${key}`);

/**
 * Finds arguments with the same name.
 *
 * @param renamed how the author renames the argument with an ID
 */
export function collisions(
  list: readonly (RequestPart & { readonly name: string })[],
  renamed: (id: string) => string,
): string[] {
  return list.flatMap((argument, index) => {
    const other = list.slice(0, index).find(({ name }) => name === argument.name);
    return other
      ? [
          `its arguments ${idOf(other)} and ${idOf(argument)} have the same name "${argument.name}". ` +
            `Rename one: ${renamed(idOf(argument))}.`,
        ]
      : [];
  });
}

/** Returns the schema of all arguments together. */
export function argumentsSchema(
  list: readonly Pick<RouteArgument, 'name' | 'schema' | 'isRequired'>[],
  definitions: JsonSchema = {},
): JsonSchema {
  const required = list.filter(({ isRequired }) => isRequired).map(({ name }) => name);
  return {
    type: 'object',
    properties: Object.fromEntries(list.map(({ name, schema }) => [name, schema])),
    ...(required.length > 0 && { required }),
    ...(Object.keys(definitions).length > 0 && { $defs: definitions }),
  };
}
