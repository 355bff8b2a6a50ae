import leven from 'leven';

/** Beginnings that only Aerie's variables have. */
const FAMILY = /^(SK|RATE_LIMIT|SIGNING_KEYS|JWT_CLAIM|MAX_(CALLS|SESSIONS|LISTENERS|TOKEN))_/;

/** Variables that Kubernetes and Docker links add for each service, whatever its name. */
const SERVICE = /_(SERVICE_(HOST|PORT\w*)|PORT(_\d+_(TCP|UDP)\w*)?)$/;

const FILE = '_FILE';

/**
 * Warns of each variable that looks like a misspelled one of Aerie's. Short names, such as PORT and WORKERS, resemble too many
 * others to tell.
 *
 * @param variables names of those that are set
 * @param known names of Aerie's variables
 */
export function misspellings(variables: readonly string[], known: readonly string[]): string[] {
  const names = new Set(known);
  return variables.flatMap((variable) => {
    const isFile = variable.endsWith(FILE) && !names.has(variable);
    const name = isFile ? variable.slice(0, -FILE.length) : variable;
    if (names.has(name) || SERVICE.test(name)) return [];
    const meant = closest(name.toUpperCase(), known);
    return meant === undefined
      ? []
      : [
          `${variable} is not a variable of Aerie and is ignored. Did you mean ${meant}${isFile ? FILE : ''}?`,
        ];
  });
}

/**
 * Finds the name that was probably meant: one in the same family, or any that differs in a few letters. Of several,
 * the one that has most of the words, and then the one that differs least.
 */
function closest(name: string, known: readonly string[]): string | undefined {
  const family = FAMILY.exec(name)?.[0];
  const words = name.split('_');
  const [nearest] = known
    .map((other) => ({ other, distance: leven(name, other), shared: shared(words, other) }))
    .filter(
      ({ other, distance }) =>
        distance <= tolerance(other) || (family !== undefined && other.startsWith(family)),
    )
    .toSorted((a, b) => b.shared - a.shared || a.distance - b.distance);
  return nearest?.other;
}

const shared = (words: readonly string[], name: string): number => {
  const own = name.split('_');
  return words.filter((word) => own.includes(word)).length;
};

/** How many letters may differ: none in short names, which resemble words that anybody uses; three in the longest. */
const tolerance = (name: string): number => (name.length < 8 ? 0 : Math.min(3, Math.floor(name.length / 5)));
