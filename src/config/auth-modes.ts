import type { ConfigurationProblem } from './configuration-error.js';
import { type Environment, isGiven, VARIABLES } from './environment.js';

/** Whose tokens are trusted: Scalekit's, those of own keys, or those of the embedded issuer. */
export type AuthMode = 'scalekit' | 'jwt' | 'dev';

const SCALEKIT_VARIABLES = [
  'SK_ENV_URL',
  'SK_CLIENT_ID',
  'SK_CLIENT_SECRET',
  'MCP_SERVER_ID',
  'EXPECTED_AUDIENCE',
  'PROTECTED_RESOURCE_METADATA',
] as const satisfies (keyof Environment)[];

/**
 * Whose tokens the environment asks to trust. Nothing is trusted because of a variable that happens to be set:
 * what does not go with `AUTH_MODE` is a problem.
 *
 * @param problems receives what contradicts itself
 * @returns the modes to check the rest of the environment for
 */
export function chooseAuthModes(
  environment: Environment,
  problems: ConfigurationProblem[],
): readonly AuthMode[] {
  const given = (variable: keyof Environment): boolean => isGiven(variable, environment, problems);
  const chosen = environment.AUTH_MODE && [...new Set(environment.AUTH_MODE)];
  const modes: AuthMode[] = chosen ?? (given('SK_ENV_URL') ? ['scalekit'] : ['dev']);
  const spelt = chosen ? `is "${chosen.join(',')}"` : 'is not set';

  if (modes.includes('scalekit') && modes.includes('dev')) {
    problems.push({
      variable: 'AUTH_MODE',
      problem: `${spelt}, but the embedded issuer stands in for Scalekit.`,
      remedy: 'Choose one of the two.',
    });
  }
  const ownKeys = VARIABLES.filter((variable) => variable.startsWith('JWT_') && given(variable));
  if (ownKeys.length > 0 && !modes.includes('jwt')) {
    problems.push({
      variable: 'AUTH_MODE',
      problem: `${spelt}, so that ${ownKeys.join(', ')} would be ignored.`,
      remedy: `Set AUTH_MODE=jwt to trust tokens of your own keys, AUTH_MODE=scalekit,jwt to trust them beside Scalekit's, or remove ${ownKeys.length === 1 ? 'it' : 'them'}.`,
    });
    if (!chosen) return modes[0] === 'dev' ? ['jwt'] : [...modes, 'jwt'];
  }
  const scalekits = SCALEKIT_VARIABLES.filter(given);
  if (scalekits.length > 0 && chosen?.every((mode) => mode === 'jwt')) {
    problems.push({
      variable: 'AUTH_MODE',
      problem: `${spelt}, so that ${scalekits.join(', ')} would be ignored.`,
      remedy: `Set AUTH_MODE=scalekit,jwt to trust Scalekit's tokens as well, or remove ${scalekits.length === 1 ? 'it' : 'them'}.`,
    });
  }
  return modes;
}
