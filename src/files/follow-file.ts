import { stat } from 'node:fs/promises';

import { systemErrorCode } from './system-error-code.js';

/** How often the file is looked at, milliseconds. Watching by the system does not work on every volume. */
const INTERVAL = 250;

/**
 * Follows what is found at a path: another file under the name, other content, another target of a symbolic link on
 * the way, none at all.
 *
 * @param changed called soon, and again after every change
 * @returns ends it
 */
export function followFile(path: string, changed: () => void): () => void {
  let seen: string | undefined;
  let ended = false;
  const look = async (): Promise<void> => {
    const found = await fingerprint(path);
    if (ended || found === seen) return;
    seen = found;
    changed();
  };
  void look();
  const timer = setInterval(() => void look(), INTERVAL).unref();
  return () => {
    ended = true;
    clearInterval(timer);
  };
}

async function fingerprint(path: string): Promise<string> {
  try {
    const { ino, size, mtimeNs } = await stat(path, { bigint: true });
    return `${ino} ${size} ${mtimeNs}`;
  } catch (error) {
    return systemErrorCode(error);
  }
}
