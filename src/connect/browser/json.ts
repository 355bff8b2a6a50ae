/** JSON object whose members are unknown. */
export type Json = Readonly<Record<string, unknown>>;

export const isJson = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Returns a member if it is a text, else undefined. */
export function textOf(object: Json, member: string): string | undefined {
  const value = object[member];
  return typeof value === 'string' ? value : undefined;
}

/** Returns the objects of a member that is a list. */
export function listOf(object: Json, member: string): Json[] {
  const value = object[member];
  return Array.isArray(value) ? value.filter(isJson) : [];
}

/** Returns the texts of a member that is a list. */
export function textsOf(object: Json, member: string): string[] {
  const value = object[member];
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : [];
}

/**
 * Reads the JSON body of a response.
 *
 * @throws {Error} when the body is no JSON object
 */
export async function readJson(response: Response): Promise<Json> {
  const body: unknown = await response.json().catch(() => undefined);
  if (isJson(body)) return body;
  throw new Error(`${new URL(response.url).host} answered with ${response.status} and no JSON.`);
}
