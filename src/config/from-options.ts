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
  const present = Object.entries(options).filter(([, value]) => value !== undefined);
  const given = present.filter(([, value]) => isOptionValue(value));
  const wrong = new Set(present.filter((option) => !given.includes(option)).map(([name]) => name));
  const problems = present.flatMap(
    ([name]) => unknownOption(name) ?? (wrong.has(name) ? wrongType(name) : []),
  );
  if (!present.some(([name]) => name === 'nodeEnv')) problems.push(MISSING_NODE_ENV);
  const variables = Object.fromEntries(
    given.map(([name, value]) => [VARIABLE_OF.get(name) ?? name, textOf(name, value)]),
  );
  const { configuration, error } = loaded(variables);
  const warnings = (configuration ?? error).warnings.map(inOptions);
  if (configuration && problems.length === 0) return deepFreeze({ ...configuration, warnings });
  const empty = new Set(given.filter(([, value]) => isEmptyList(value)).map(([name]) => name));
  const further = (error?.problems ?? [])
    .map(ofOption)
    .filter(({ variable }) => !wrong.has(variable))
    .map((problem) => (empty.has(problem.variable) ? ofEmptyList(problem) : problem));
  throw new ConfigurationError([...problems, ...further], warnings);
}

const MISSING_NODE_ENV: ConfigurationProblem = {
  variable: 'nodeEnv',
  problem: 'is not set.',
  remedy: 'Use "production", or "development" on your own machine.',
};

function unknownOption(name: string): ConfigurationProblem | undefined {
  if (VARIABLE_OF.has(name)) return undefined;
  const meant = closestName(name, VARIABLE_OF.keys());
  const remedy = 'Use the name of a variable in camel case, such as resourceUrl for RESOURCE_URL.';
  return {
    variable: name,
    problem: 'is not an option.',
    remedy: meant === undefined ? remedy : `Did you mean ${meant}?`,
  };
}

/** Does not name the value, which may be secret. */
const wrongType = (variable: string): ConfigurationProblem => ({
  variable,
  problem: 'is neither a text, a number, a boolean nor a list of texts.',
  remedy: 'Use one of them, or omit the option for its default.',
});

/** Whether a value can be an option. The text of another one, such as "null", could be a valid setting. */
const isOptionValue = (value: unknown): boolean =>
  Array.isArray(value) ? value.every(isScalar) : isScalar(value);

const isScalar = (value: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof value);

const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0;

/** Returns the text that a variable would have. */
function textOf(name: string, value: unknown): string {
  if (typeof value === 'boolean') return name === 'otelSdkDisabled' ? String(value) : value ? 'on' : 'off';
  if (!Array.isArray(value)) return String(value);
  if (name === 'auditRedact') return value.join(' '); // a pattern may contain a comma
  return value.join(',') || ','; // an empty text would mean the default
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

/** Names an empty list as such, not by its text. */
const ofEmptyList = (found: ConfigurationProblem): ConfigurationProblem => ({
  ...found,
  problem: found.problem.replace(/^("," )?is invalid\.$/, 'is an empty list.'),
});

/** Replaces the names of variables in a message with those of the options. */
const inOptions = (message: string): string =>
  message.replaceAll(/\b[A-Z][A-Z0-9_]+\b/g, (name) => OPTIONS.get(name) ?? name);
