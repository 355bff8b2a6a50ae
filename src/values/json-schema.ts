/** JSON Schema document, or a part of one. */
export type JsonSchema = Record<string, unknown>;

/** Returns the types that a schema names; none if it has no `type`. */
export const typesOf = ({ type }: Readonly<JsonSchema>): unknown[] => [type ?? []].flat();
