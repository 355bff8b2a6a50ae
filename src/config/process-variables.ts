import { existsSync, readFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';

import { parse } from 'dotenv';

import { systemErrorCode } from '../values/system-error-code.js';
import { ConfigurationError } from './configuration-error.js';
import { envFileWarnings } from './env-file-lines.js';

/** Names of variables that `process.env` has only from `.env`. */
const fromFile = new Set<string>();
/** Content of `.env` at the start. */
let loaded = '';
/** Whether `.env` has had variables since the start. */
let hasHadVariables = false;
/** Warnings about `.env` if it is a pipe; undefined before it is read. */
let warningsOfPipe: string[] | undefined;

/**
 * Adds the variables of `.env` to `process.env` without overriding existing ones. A pipe is read once only, by the first
 * process: its variables then count as those of the process, which workers inherit. Further calls change nothing.
 *
 * @param given content to use instead of the file
 * @returns warnings about its lines
 * @throws {ConfigurationError} when the file cannot be read
 */
export async function loadEnvFile(given?: string): Promise<string[]> {
  const fromPipe = await isPipe();
  if (fromPipe && given === undefined && warningsOfPipe) return warningsOfPipe;
  const content = given ?? readEnvFile();
  for (const [name, text] of Object.entries(parse(content))) {
    if (name in process.env) continue;
    process.env[name] = text;
    if (!fromPipe) fromFile.add(name);
  }
  loaded = content;
  const warnings = envFileWarnings(content);
  if (fromPipe) warningsOfPipe = warnings;
  return warnings;
}

/**
 * Removes the variables of `.env` from `process.env`, so that a child process can follow the file itself.
 *
 * @returns the content of `.env` at the start
 */
export function unloadEnvFile(): string {
  for (const name of fromFile) Reflect.deleteProperty(process.env, name);
  fromFile.clear();
  hasHadVariables = false;
  return loaded;
}

/**
 * Returns the variables of the process, and those of `.env` as the file is now.
 *
 * @throws {ConfigurationError} when the file cannot be read, or has lost all of its variables: it may be half written
 */
export async function currentVariables(): Promise<NodeJS.ProcessEnv> {
  const inFile = (await isPipe()) ? {} : parse(readEnvFile());
  const hasVariables = Object.keys(inFile).length > 0;
  if ((hasHadVariables || fromFile.size > 0) && !hasVariables) {
    throw new ConfigurationError([
      {
        variable: '.env',
        problem: 'is missing or empty now.',
        remedy: 'Write it again, or restart to use only environment variables.',
      },
    ]);
  }
  hasHadVariables ||= hasVariables;
  const own = Object.entries(process.env).filter(([name]) => !fromFile.has(name));
  return { ...inFile, ...Object.fromEntries(own) };
}

/** Whether `.env` is a named pipe, as of a password manager. Reading it again can block the process forever. */
const isPipe = async (): Promise<boolean> => (await stat('.env').catch(() => undefined))?.isFIFO() ?? false;

/** Returns the content of `.env`, which is empty without the file. */
function readEnvFile(): string {
  try {
    return existsSync('.env') ? readFileSync('.env', 'utf8') : '';
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
