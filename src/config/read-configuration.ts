import type { ConfigFactory } from '@nestjs/config';
import { z } from 'zod';

import { ConfigurationError, type ConfigurationProblem } from './configuration-error.js';
import type { Configuration } from './configuration.js';
import { loadConfiguration } from './load-configuration.js';
import { loadEnvFile } from './process-variables.js';
import { readVariables, type Texts } from './read-variables.js';
import { schemaProblems } from './settings.js';
import { messageOf, traceOf } from '../values/trace-of.js';

/**
 * Loads `.env`, which variables of the process override, and validates all settings of Aerie and of the deployment.
 * Runs before NestJS starts, because the configuration determines how many processes run and which modules they load.
 *
 * @param namespaces settings of the deployment
 * @param given content of `.env`, and texts of the variables, to use instead of the files
 * @throws {ConfigurationError} with every problem found
 */
export async function readConfiguration(
  namespaces: readonly ConfigFactory[] = [],
  given?: { readonly envFile: string; readonly texts: Texts },
): Promise<Configuration> {
  const inFile = await loadEnvFile(given?.envFile);
  const problems: ConfigurationProblem[] = [];
  const warnings: string[] = [...inFile];
  const check = async <Settings>(read: () => Settings | Promise<Settings>): Promise<Settings | undefined> => {
    try {
      return await read();
    } catch (error) {
      problems.push(...problemsOf(error));
      if (error instanceof ConfigurationError) warnings.push(...error.warnings);
      return undefined;
    }
  };
  const variables = given?.texts ?? process.env;
  const configuration = await check(() => loadConfiguration(variables));
  for (const namespace of namespaces) await check(() => readNamespace(namespace));
  if (problems.length > 0 || !configuration) throw new ConfigurationError(problems, warnings);
  const further = [...inFile, ...unusedServerWarnings(configuration, variables)];
  return further.length === 0
    ? configuration
    : Object.freeze({ ...configuration, warnings: [...further, ...configuration.warnings] });
}

/**
 * Warns about a server of Scalekit that is not used. In an application that embeds Aerie, its code may name that server
 * in development too.
 */
function unusedServerWarnings({ authModes }: Configuration, variables: NodeJS.ProcessEnv): string[] {
  const { AUTH_MODE, MCP_SERVER_ID } = readVariables(['AUTH_MODE', 'MCP_SERVER_ID'], variables, []);
  if (!authModes.includes('dev') || AUTH_MODE !== undefined || MCP_SERVER_ID === undefined) return [];
  return [
    'MCP_SERVER_ID has no effect without SK_ENV_URL: the server trusts the embedded issuer. Set SK_ENV_URL to use Scalekit, or remove MCP_SERVER_ID.',
  ];
}

/** @throws {ConfigurationError} also when the factory throws another error, such as for an invalid URL */
async function readNamespace(namespace: ConfigFactory): Promise<void> {
  try {
    await namespace();
  } catch (error) {
    if (error instanceof ConfigurationError || error instanceof z.ZodError) throw error;
    const key: unknown = Reflect.get(namespace, 'KEY');
    const [name = 'settings'] = /(?<=^CONFIGURATION\().*(?=\)$)/.exec(String(key)) ?? [];
    const place = traceOf(error)
      .split('\n')
      .find((line) => /^ {4}at (?!.*\bnode:)/.test(line));
    throw new ConfigurationError([
      {
        variable: name,
        problem: `cannot be read: ${messageOf(error)}`,
        remedy: `Check the variables that its factory uses${place ? `, ${place.trim()}` : ''}.`,
      },
    ]);
  }
}

/** @throws the error itself if it is not about settings */
function problemsOf(error: unknown): readonly ConfigurationProblem[] {
  if (error instanceof ConfigurationError) return error.problems;
  if (error instanceof z.ZodError) return schemaProblems(error.issues);
  throw error;
}
