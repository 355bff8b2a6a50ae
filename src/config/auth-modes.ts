import type { ConfigurationProblem } from './configuration-error.js';
import { type Environment, isGiven, VARIABLES } from './environment.js';

/** Source of trusted tokens: Scalekit, the operator's own keys, or the embedded issuer. */
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
 * Determines the token sources to trust. A variable that happens to be set never adds a source: variables that
 * contradict `AUTH_MODE` are reported as problems.
 *
 * @param problems receives contradictory settings
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
      problem: `${spelt}, but the embedded issuer and Scalekit cannot be used together.`,
      remedy: 'Remove one of them.',
    });
  }
  const ownKeys = VARIABLES.filter((variable) => variable.startsWith('JWT_') && given(variable));
  if (ownKeys.length > 0 && !modes.includes('jwt')) {
    problems.push({
      variable: 'AUTH_MODE',
      problem: `${spelt}, so ${ownKeys.join(', ')} would be ignored.`,
      remedy: `Set AUTH_MODE=jwt to trust tokens of your own keys, AUTH_MODE=scalekit,jwt to trust Scalekit's tokens too, or remove ${ownKeys.length === 1 ? 'it' : 'them'}.`,
    });
    if (!chosen) return modes[0] === 'dev' ? ['jwt'] : [...modes, 'jwt'];
  }
  const scalekits = SCALEKIT_VARIABLES.filter(given);
  if (scalekits.length > 0 && chosen?.every((mode) => mode === 'jwt')) {
    problems.push({
      variable: 'AUTH_MODE',
      problem: `${spelt}, so ${scalekits.join(', ')} would be ignored.`,
      remedy: `Set AUTH_MODE=scalekit,jwt to trust Scalekit's tokens too, or remove ${scalekits.length === 1 ? 'it' : 'them'}.`,
    });
  }
  return modes;
}
