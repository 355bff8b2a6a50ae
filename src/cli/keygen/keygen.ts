import type { KeyKind } from './key-kind.js';
import { newKeyPair, writeKeyPair } from './key-pair.js';

/** Creates and writes a key pair. Returns what to do with each file. */
export async function keygen(kind: KeyKind, folder: string): Promise<string> {
  const [privatePath, publicPath] = await writeKeyPair(await newKeyPair(kind), folder);
  return [
    `${privatePath} signs tokens. Keep it only where tokens are signed.`,
    `${publicPath} verifies tokens. Configure it on the server: JWT_PUBLIC_KEY_FILE=${publicPath}`,
    '',
  ].join('\n');
}
