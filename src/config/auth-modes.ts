import type { ConfigurationProblem } from './configuration-error.js';
import { type Environment, isGiven, VARIABLES } from './environment.js';
import { ownKeys } from './sections/own-keys.js';
import { scalekit } from './sections/scalekit.js';

/** Source of trusted tokens: Scalekit, the operator's own keys, or the embedded issuer. */
export type AuthMode = 'scalekit' | 'jwt' | 'dev';

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
  const ofOwnKeys = VARIABLES.filter((name) => name in ownKeys.variables && given(name));
  if (ofOwnKeys.length > 0 && !modes.includes('jwt')) {
    problems.push({
      variable: 'AUTH_MODE',
      problem: `${spelt}, so ${ofOwnKeys.join(', ')} would be ignored.`,
      remedy: `Set AUTH_MODE=jwt to trust tokens of your own keys, AUTH_MODE=scalekit,jwt to trust Scalekit's tokens too, or remove ${ofOwnKeys.length === 1 ? 'it' : 'them'}.`,
    });
    if (!chosen) return modes[0] === 'dev' ? ['jwt'] : [...modes, 'jwt'];
  }
  const ofScalekit = VARIABLES.filter((name) => name in scalekit.variables && given(name));
  if (ofScalekit.length > 0 && chosen?.every((mode) => mode === 'jwt')) {
    problems.push({
      variable: 'AUTH_MODE',
      problem: `${spelt}, so ${ofScalekit.join(', ')} would be ignored.`,
      remedy: `Set AUTH_MODE=scalekit,jwt to trust Scalekit's tokens too, or remove ${ofScalekit.length === 1 ? 'it' : 'them'}.`,
    });
  }
  return modes;
}
