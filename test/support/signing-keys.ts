import { join, resolve } from 'node:path';

import { loadSigningKey, type SigningKey } from '../../src/dev-issuer/signing-key.js';
import { StateDirectory } from '../../src/dev-issuer/state-directory.js';

// Relative to the repository, because __dirname exists in Jest only.
const CACHE = resolve('node_modules/.cache/signing-keys');
/** More than the issuers that run at the same time in one test file, so that their keys differ. */
const KEYS = 8;

let taken = 0;

/** Returns a key for the issuer of a test. All test runs share a few: generating one takes longer than most tests. */
export async function testSigningKey(): Promise<SigningKey> {
  return loadSigningKey(await StateDirectory.open(join(CACHE, String(taken++ % KEYS))));
}
