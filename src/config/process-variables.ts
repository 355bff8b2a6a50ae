import { readFile } from 'node:fs/promises';

import { ConfigModule } from '@nestjs/config';

import { systemErrorCode } from '../files/system-error-code.js';
import { ConfigurationError } from './configuration-error.js';
import { envFileWarnings } from './env-file-lines.js';

/** Names of variables that `process.env` has only from `.env`. */
const fromFile = new Set<string>();

/**
 * Adds the variables of `.env` to `process.env` without overriding existing ones.
 *
 * @returns warnings about its lines
 * @throws {ConfigurationError} when the file cannot be read
 */
export async function loadEnvFile(): Promise<string[]> {
  for (const [name, text] of Object.entries(await readEnvFile())) {
    if (name in process.env) continue;
    process.env[name] = text;
    fromFile.add(name);
  }
  return envFileWarnings(await readFile('.env', 'utf8').catch(() => ''));
}

/** Removes the variables of `.env` from `process.env`, so that a child process reads the file itself. */
export function unloadEnvFile(): void {
  for (const name of fromFile) Reflect.deleteProperty(process.env, name);
  fromFile.clear();
}

/**
 * Returns the variables of the process, and those of `.env` as the file is now.
 *
 * @throws {ConfigurationError} when the file cannot be read, or has lost all of its variables: it may be half written
 */
export async function currentVariables(): Promise<NodeJS.ProcessEnv> {
  const inFile = await readEnvFile();
  if (fromFile.size > 0 && Object.keys(inFile).length === 0) {
    throw new ConfigurationError([
      {
        variable: '.env',
        problem: 'is missing or empty now.',
        remedy: 'Write it again, or restart to use only environment variables.',
      },
    ]);
  }
  const own = Object.entries(process.env).filter(([name]) => !fromFile.has(name));
  return { ...inFile, ...Object.fromEntries(own) };
}

async function readEnvFile(): Promise<Record<string, string>> {
  let texts: Record<string, string> = {};
  const validate = (found: Record<string, string>): object => {
    texts = found;
    return {}; // nothing for process.env
  };
  try {
    await ConfigModule.forRoot({ ignoreEnvVars: true, validate });
    return texts;
  } catch (error) {
    throw new ConfigurationError([
      {
        variable: '.env',
        problem: `cannot be read (${systemErrorCode(error)}).`,
        remedy:
          'Make it a file that the user that runs Aerie can read, or remove it to use only environment variables.',
      },
    ]);
  }
}
