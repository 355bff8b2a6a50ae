import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { systemErrorCode } from '../values/system-error-code.js';

const READERS = {
  certificate: (text: string): unknown => new X509Certificate(text),
  'private key': (text: string): unknown => createPrivateKey(text),
};

/** Content of a file in PEM. */
export type PemContent = keyof typeof READERS;

/**
 * Returns the problem of a setting that names an unusable file in PEM; undefined if the file can be used or none is
 * named. The problem does not repeat the setting, because the private key itself may have been pasted there.
 */
export function pemFileProblem(path: string | undefined, content: PemContent): string | undefined {
  if (!path) return undefined;
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    return `names a file that cannot be read (${systemErrorCode(error)}).`;
  }
  try {
    READERS[content](text);
    return undefined;
  } catch {
    return `names a file without a valid ${content} in PEM.`;
  }
}
