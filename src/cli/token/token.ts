import { readFile } from 'node:fs/promises';

import { decodeJwt, decodeProtectedHeader } from 'jose';

import { signToken } from './sign-token.js';
import type { SignRequest, TokenRequest, VerifyRequest } from './token-request.js';
import { describeToken, type TokenContents } from './token-words.js';
import { readToken } from '../terminal/read-token.js';
import type { Io } from '../terminal/io.js';
import { whyRefused } from './verify-token.js';

/** Default of MAX_TOKEN_LIFETIME on servers. */
const DEFAULT_MAX_LIFETIME_MS = 86_400_000;

/** Returns a signed token, or the description of a verified one. */
export async function token(request: TokenRequest, io: Io): Promise<string> {
  switch (request.do) {
    case 'development': {
      // Loads the whole application, which the other forms do not need.
      const { signDevelopmentToken } = await import('./development-token.js');
      return signDevelopmentToken(request, io);
    }
    case 'sign':
      return sign(request, io);
    case 'verify':
      return verify(request, io);
    default:
      return request satisfies never;
  }
}

async function sign(request: SignRequest, io: Io): Promise<string> {
  if (request.expires.milliseconds > DEFAULT_MAX_LIFETIME_MS) {
    io.stderr.write(
      'Note: servers reject tokens whose lifetime exceeds MAX_TOKEN_LIFETIME, 24h by default.\n',
    );
  }
  return signToken(await keyOf(request.keyFile), request);
}

async function verify(request: VerifyRequest, io: Io): Promise<string> {
  const jwt = await readToken(request.token, io);
  const refused = await whyRefused(jwt, await keyOf(request.keyFile), request);
  if (refused !== undefined) io.exitCode = 1;
  const unchecked = [...(request.issuers ? [] : ['--issuer']), ...(request.audiences ? [] : ['--audience'])];
  const contents = contentsOf(jwt);
  if (request.json)
    return JSON.stringify({ valid: refused === undefined, reason: refused, unchecked, ...contents });
  return [
    ...(contents ? [describeToken(contents)] : []),
    refused === undefined ? 'The token is valid.' : `The token is invalid: ${refused}`,
    ...(refused === undefined && unchecked.length > 0
      ? [`Not checked (option not given): ${unchecked.join(' and ')}.`]
      : []),
  ].join('\n');
}

/** Decodes a token. Returns undefined for malformed text, which the verdict reports. */
function contentsOf(jwt: string): TokenContents | undefined {
  try {
    return { header: decodeProtectedHeader(jwt), claims: decodeJwt(jwt) };
  } catch {
    return undefined;
  }
}

async function keyOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new Error(`The key file ${file} cannot be read. Check the path and its permissions.`, { cause });
  }
}
