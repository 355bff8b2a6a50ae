import { closestName } from '../values/closest-name.js';
import { deepFreeze } from '../values/deep-freeze.js';
import { ConfigurationError, type ConfigurationProblem } from './configuration-error.js';
import type { ConfigurationOptions } from './configuration-options.js';
import type { Configuration } from './configuration.js';
import { VARIABLES } from './environment.js';
import { loadConfiguration } from './load-configuration.js';

/** Name of an option, for the name of its variable. */
const camelCase = (variable: string): string =>
  variable.toLowerCase().replaceAll(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());

const OPTIONS: ReadonlyMap<string, string> = new Map(
  VARIABLES.flatMap((variable) => [variable, `${variable}_FILE`]).map((name) => [name, camelCase(name)]),
);
const VARIABLE_OF: ReadonlyMap<string, string> = new Map(
  [...OPTIONS].map(([variable, option]) => [option, variable]),
);

/**
 * Validates options. They are the variables of the environment in another form, with the same defaults and checks.
 *
 * ```ts
 * fromOptions({ nodeEnv: 'production', skEnvUrl: 'https://acme.scalekit.com', mcpServerId: 'res_123',
 *   resourceUrl: 'https://api.example.com/mcp', toolTimeout: '20s', mcpSessions: true });
 * ```
 *
 * @throws {ConfigurationError} with every problem found, by the names of the options
 */
export function fromOptions(options: ConfigurationOptions): Configuration {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const problems = given.flatMap(([name]) => unknownOption(name));
  if (!given.some(([name]) => name === 'nodeEnv')) problems.push(MISSING_NODE_ENV);
  const variables = Object.fromEntries(
    given.map(([name, value]) => [VARIABLE_OF.get(name) ?? name, textOf(value)]),
  );
  const { configuration, error } = loaded(variables);
  const warnings = (configuration ?? error).warnings.map(inOptions);
  if (configuration && problems.length === 0) return deepFreeze({ ...configuration, warnings });
  throw new ConfigurationError([...problems, ...(error?.problems ?? []).map(ofOption)], warnings);
}

const MISSING_NODE_ENV: ConfigurationProblem = {
  variable: 'nodeEnv',
  problem: 'is not set.',
  remedy: 'Use "production", or "development" on your own machine.',
};

function unknownOption(name: string): ConfigurationProblem[] {
  if (VARIABLE_OF.has(name)) return [];
  const meant = closestName(name, VARIABLE_OF.keys());
  const remedy = 'Use the name of a variable in camel case, such as resourceUrl for RESOURCE_URL.';
  return [
    {
      variable: name,
      problem: 'is not an option.',
      remedy: meant === undefined ? remedy : `Did you mean ${meant}?`,
    },
  ];
}

/** Returns the text that a variable would have. */
function textOf(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  return Array.isArray(value) ? value.join(',') : String(value);
}

type Loaded =
  | { readonly configuration: Configuration; readonly error?: undefined }
  | { readonly configuration?: undefined; readonly error: ConfigurationError };

function loaded(variables: Record<string, string>): Loaded {
  try {
    return { configuration: loadConfiguration(variables) };
  } catch (error) {
    if (error instanceof ConfigurationError) return { error };
    throw error;
  }
}

const ofOption = ({ variable, problem, remedy }: ConfigurationProblem): ConfigurationProblem => ({
  variable: inOptions(variable),
  problem: inOptions(problem),
  remedy: inOptions(remedy),
});

/** Replaces the names of variables in a message with those of the options. */
const inOptions = (message: string): string =>
  message.replaceAll(/\b[A-Z][A-Z0-9_]+\b/g, (name) => OPTIONS.get(name) ?? name);
