import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';

import { signToken } from './token/sign-token.js';
import {
  parseTokenCommand,
  type SignCommand,
  type TokenCommand,
  USAGE,
  type VerifyCommand,
} from './token/token-command.js';
import { describeToken } from './token/token-words.js';
import { UsageError } from './terminal/usage-error.js';
import { whyRefused } from './token/verify-token.js';

/** Default of MAX_TOKEN_LIFETIME on servers. */
const DEFAULT_MAX_LIFETIME_MS = 86_400_000;

/** Returns a signed token, or the description of a verified one. */
async function main(command: TokenCommand): Promise<string> {
  switch (command.do) {
    case 'help':
      return USAGE.trimEnd();
    case 'development': {
      // Loads the whole application, which the other forms do not need.
      const { signDevelopmentToken } = await import('./token/development-token.js');
      return signDevelopmentToken(command);
    }
    case 'sign':
      return sign(command);
    case 'verify':
      return verify(command);
    default:
      return command satisfies never;
  }
}

async function sign(command: SignCommand): Promise<string> {
  if (command.expires.milliseconds > DEFAULT_MAX_LIFETIME_MS) {
    process.stderr.write(
      'Note: servers reject tokens whose lifetime exceeds MAX_TOKEN_LIFETIME, 24h by default.\n',
    );
  }
  return signToken(await keyOf(command.keyFile), command);
}

async function verify(command: VerifyCommand): Promise<string> {
  const given = command.token === '-' ? await text(process.stdin) : command.token;
  const token = given.trim().replace(/^Bearer +/i, '');
  const refused = await whyRefused(token, await keyOf(command.keyFile), command);
  const unchecked = [
    ...(command.issuers ? [] : ['--issuer']),
    ...(command.audiences ? [] : ['--audience']),
  ].join(' and ');
  if (refused !== undefined) process.exitCode = 1;
  return [
    ...described(token),
    refused === undefined ? 'The token is valid.' : `The token is invalid: ${refused}`,
    ...(refused === undefined && unchecked ? [`Not checked (option not given): ${unchecked}.`] : []),
  ].join('\n');
}

/** Describes a token. Returns nothing for malformed text, which the verdict reports. */
function described(token: string): string[] {
  try {
    return [describeToken(token)];
  } catch {
    return [];
  }
}

async function keyOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new Error(`The key file ${file} cannot be read. Check the path and its permissions.`, { cause });
  }
}

try {
  process.stdout.write(`${await main(parseTokenCommand(process.argv.slice(2)))}\n`);
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(error instanceof UsageError ? `${message}\n\n${USAGE}` : `${message}\n`);
  process.exitCode = 1;
}
