import leven from 'leven';

/** Prefixes that only Aerie's variables use. */
const FAMILY = /^(SK|RATE_LIMIT|SIGNING_KEYS|JWT_CLAIM|MAX_(CALLS|SESSIONS|LISTENERS|TOKEN))_/;

/** Suffixes of variables that Kubernetes and Docker links add for each service. */
const SERVICE = /_(SERVICE_(HOST|PORT\w*)|PORT_\d+_(TCP|UDP)\w*)$/;

/** Value of such a variable that ends with `_PORT`, which by itself may be one of Aerie's. */
const SERVICE_URL = /^(tcp|udp|sctp):\/\//;

/** Minimum length of an abbreviation of a name. Shorter ones, such as `DATABASE`, may be meant for other programs. */
const MIN_ABBREVIATION = 9;

const FILE = '_FILE';

/**
 * Warns about each variable that looks like a misspelled variable of Aerie. Ignores names similar to short ones such as
 * PORT and WORKERS, which resemble too many other names, unless only the order of their letters differs.
 *
 * @param variables variables that are set
 * @param known names of Aerie's variables
 */
export function misspellings(variables: NodeJS.ProcessEnv, known: readonly string[]): string[] {
  const names = new Set(known);
  return Object.entries(variables).flatMap(([variable, value = '']) => {
    const isFile = variable.endsWith(FILE) && !names.has(variable);
    const name = isFile ? variable.slice(0, -FILE.length) : variable;
    const isService = SERVICE.test(name) || (name.endsWith('_PORT') && SERVICE_URL.test(value));
    if (names.has(name) || isService) return [];
    const meant = closest(name.toUpperCase(), known);
    return meant === undefined
      ? []
      : [
          `${variable} is not a variable of Aerie and is ignored. Did you mean ${meant}${isFile ? FILE : ''}?`,
        ];
  });
}

/**
 * Finds the intended name: a name of the same family, or any name that differs in a few letters. Prefers the name with
 * the most words in common, then the one with the fewest different letters.
 */
function closest(name: string, known: readonly string[]): string | undefined {
  const family = FAMILY.exec(name)?.[0];
  const words = name.split('_');
  const [nearest] = known
    .map((other) => ({ other, distance: leven(name, other), shared: shared(words, other) }))
    .filter(
      ({ other, distance }) =>
        distance <= tolerance(other) ||
        hasSameLetters(name, other) ||
        (name.length >= MIN_ABBREVIATION && other.startsWith(name)) ||
        (family !== undefined && other.startsWith(family)),
    )
    .toSorted((a, b) => b.shared - a.shared || a.distance - b.distance);
  return nearest?.other;
}

/** Returns the number of words in common; all of them if the words are the beginning of the name. */
const shared = (words: readonly string[], name: string): number => {
  if (name.startsWith(words.join('_'))) return Infinity;
  const own = name.split('_');
  return words.filter((word) => own.includes(word)).length;
};

const hasSameLetters = (name: string, other: string): boolean => sorted(name) === sorted(other);

const sorted = (name: string): string => name.split('').toSorted().join('');

/** Maximum number of different letters: 0 for short names, which resemble common words, up to 3 for long names. */
const tolerance = (name: string): number => (name.length < 8 ? 0 : Math.min(3, Math.floor(name.length / 5)));
