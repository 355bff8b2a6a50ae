import { generateKeyPair, type KeyObject } from 'node:crypto';
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import type { KeyKind } from './key-kind.js';

const generate = promisify(generateKeyPair);

export interface KeyPair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** Generates a key pair. */
export async function newKeyPair(kind: KeyKind): Promise<KeyPair> {
  switch (kind.type) {
    case 'rsa':
      return generate('rsa', { modulusLength: kind.bits });
    case 'ec':
      return generate('ec', { namedCurve: kind.curve });
    case 'ed25519':
      return generate('ed25519');
    default:
      return kind satisfies never;
  }
}

/**
 * Writes `private.pem` (PKCS #8, readable only by its owner) and `public.pem` (SPKI), in the formats of openssl. Writes
 * both files or neither.
 *
 * @returns the two paths
 * @throws when a file exists or cannot be written
 */
export async function writeKeyPair({ privateKey, publicKey }: KeyPair, folder: string): Promise<string[]> {
  const files = [
    {
      path: join(folder, 'private.pem'),
      text: privateKey.export({ type: 'pkcs8', format: 'pem' }),
      mode: 0o600,
    },
    {
      path: join(folder, 'public.pem'),
      text: publicKey.export({ type: 'spki', format: 'pem' }),
      mode: 0o644,
    },
  ];
  const written: string[] = [];
  try {
    await mkdir(folder, { recursive: true });
    for (const { path, text, mode } of files) {
      const file = await open(path, 'wx', mode);
      written.push(path);
      try {
        await file.writeFile(text);
      } finally {
        await file.close();
      }
    }
    return written;
  } catch (error) {
    await Promise.all(written.map((path) => rm(path)));
    throw isThere(error)
      ? new Error(
          `${error.path} exists, so nothing was written. Tokens may depend on it. Move the file, or use --out.`,
          { cause: error },
        )
      : error;
  }
}

const isThere = (error: unknown): error is { path: string } =>
  typeof error === 'object' &&
  error !== null &&
  'code' in error &&
  error.code === 'EEXIST' &&
  'path' in error;
