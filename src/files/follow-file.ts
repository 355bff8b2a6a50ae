import { stat } from 'node:fs/promises';

import { systemErrorCode } from '../values/system-error-code.js';

/** Polling interval. File system events do not work on every volume. */
const POLL_INTERVAL_MS = 250;

/**
 * Watches a path for changes: new content, a replaced file, a changed symbolic link in the path, or removal.
 *
 * @param changed called shortly after the start and after every change
 * @returns a function that stops watching
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
  const timer = setInterval(() => void look(), POLL_INTERVAL_MS).unref();
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
