import { z } from 'zod';

import { InvalidTokenError } from './auth-errors.js';

const header = z.object({ alg: z.string(), kid: z.string().optional(), typ: z.unknown().optional() });
const payload = z.object({ iss: z.string().optional() });

/** Unverified contents of a token. Use them only to choose the verification keys. */
export interface UnverifiedToken {
  /** `alg` (RFC 7515 §4.1.1). */
  readonly algorithm: string;
  /** `kid` (RFC 7515 §4.1.4). */
  readonly keyId: string | undefined;
  /** `typ` (RFC 7515 §4.1.9), of any JSON type. */
  readonly type: unknown;
  /** `iss` (RFC 7519 §4.1.1). */
  readonly issuer: string | undefined;
}

/**
 * Reads a compact JWS (RFC 7515 §7.1) without verifying it.
 *
 * @throws {InvalidTokenError} when the text does not have that form
 */
export function readUnverifiedToken(token: string): UnverifiedToken {
  const parts = token.split('.');
  try {
    if (parts.length !== 3) throw new TypeError('A compact JWS has three parts.');
    const { alg, kid, typ } = header.parse(json(parts[0]));
    const { iss } = payload.parse(json(parts[1]));
    return { algorithm: alg, keyId: kid, type: typ, issuer: iss };
  } catch {
    throw new InvalidTokenError('malformed');
  }
}

const json = (part = ''): unknown => JSON.parse(Buffer.from(part, 'base64url').toString());
