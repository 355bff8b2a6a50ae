import { hash } from 'node:crypto';

import { DECLARATIONS, VARIABLES } from './environment.js';
import { readVariables } from './read-variables.js';

/**
 * Returns the SHA-256 of all variables of Aerie that are set, as hexadecimal digits. Two processes with the same
 * settings have the same digest. Of a secret, it contains only that it is set, because a short secret can be guessed.
 */
export function configurationDigest(variables: NodeJS.ProcessEnv): string {
  const texts = readVariables(VARIABLES, variables, []);
  const given = VARIABLES.toSorted().flatMap((name) => {
    const text = texts[name];
    if (text === undefined) return [];
    const isSecret = DECLARATIONS[name].about.secret === true || text.includes('@');
    return [[name, isSecret ? '' : text]];
  });
  return hash('sha256', JSON.stringify(given), 'hex');
}
