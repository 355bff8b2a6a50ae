const TOKENS = /"(?:\\.|[^"\\])*"|[{}[\]:]/gs;

/** Object or list that contains the current place of a text. */
interface Level {
  readonly names: Set<string>;
  /** Name before the current value. */
  name: string;
}

/**
 * Returns the places of names that an object of a JSON text has twice, such as `org_acme.deny`. `JSON.parse` keeps only
 * the last value of such a name.
 *
 * @param json valid JSON
 */
export function repeatedNames(json: string): string[] {
  const repeated: string[] = [];
  const open: Level[] = [];
  let text = '';
  for (const [token] of json.matchAll(TOKENS)) {
    const level = open.at(-1);
    if (token === '{' || token === '[') open.push({ names: new Set(), name: '' });
    else if (token === '}' || token === ']') open.pop();
    else if (token !== ':') text = token;
    else if (level) {
      level.name = String(JSON.parse(text));
      if (level.names.has(level.name)) repeated.push(placeOf(open));
      level.names.add(level.name);
    }
  }
  return repeated;
}

const placeOf = (open: readonly Level[]): string =>
  open
    .map(({ name }) => name)
    .filter((name) => name !== '')
    .join('.');
