import { type ConfigFactory, ConfigModule } from '@nestjs/config';
import { z } from 'zod';

import { systemErrorCode } from '../files/system-error-code.js';
import { ConfigurationError, type ConfigurationProblem } from './configuration-error.js';
import type { Configuration } from './configuration.js';
import { loadConfiguration } from './load-configuration.js';
import { schemaProblems } from './settings.js';

/**
 * Loads `.env` below the variables of the process, as `ConfigModule` does it, and checks all settings at once:
 * Aerie's and those of the deployment. Runs before NestJS starts, because the configuration decides how many
 * processes run and which modules they load.
 *
 * @param namespaces the deployment's own settings
 * @throws {ConfigurationError} with every problem found
 */
export async function readConfiguration(namespaces: readonly ConfigFactory[] = []): Promise<Configuration> {
  await loadEnvFile();
  const problems: ConfigurationProblem[] = [];
  const warnings: string[] = [];
  const check = async <Settings>(read: () => Settings | Promise<Settings>): Promise<Settings | undefined> => {
    try {
      return await read();
    } catch (error) {
      problems.push(...problemsOf(error));
      if (error instanceof ConfigurationError) warnings.push(...error.warnings);
      return undefined;
    }
  };
  const configuration = await check(() => loadConfiguration(process.env));
  for (const namespace of namespaces) await check(namespace);
  if (problems.length > 0 || !configuration) throw new ConfigurationError(problems, warnings);
  return configuration;
}

/** @throws the error itself where it is not about settings */
function problemsOf(error: unknown): readonly ConfigurationProblem[] {
  if (error instanceof ConfigurationError) return error.problems;
  if (error instanceof z.ZodError) return schemaProblems(error.issues);
  throw error;
}

/** Puts the variables of `.env` into `process.env`, where those of the process win. */
async function loadEnvFile(): Promise<void> {
  try {
    await ConfigModule.forRoot();
  } catch (error) {
    throw new ConfigurationError([
      {
        variable: '.env',
        problem: `cannot be read (${systemErrorCode(error)}).`,
        remedy:
          'It must be a file that the user Aerie runs as may read. Remove it to use the environment alone.',
      },
    ]);
  }
}
