import { setTimeout as delay } from 'node:timers/promises';

import { formatDocument, parseDocument, type RevocationDocument } from './revocation-document.js';

/** Storage of the revocation list: one text that several processes read and replace. */
export interface RevocationStorage {
  readonly kind: 'redis' | 'file';
  /** Description of the location for people; contains no secrets. */
  readonly place: string;
  /** Reads the text; undefined if there is none yet. Throws if the storage cannot be read. */
  read(): Promise<string | undefined>;
  /**
   * Replaces the text if it still equals `expected`.
   *
   * @returns false when the text differs or another process is replacing it
   */
  replace(expected: string | undefined, text: string): Promise<boolean>;
  /** Calls `changed` well within a second whenever the text may have changed, until `close` is called. */
  watch(changed: () => void): void;
  close(): void;
}

const MAX_ATTEMPTS = 100;
const RETRY_DELAY_MS = 20;

/**
 * Applies an edit to the stored document. Concurrent edits of several processes do not overwrite each other.
 *
 * @param edit may be called several times; an error that it throws is passed on
 * @returns the stored document
 */
export async function changeDocument(
  storage: RevocationStorage,
  edit: (document: RevocationDocument) => RevocationDocument,
): Promise<RevocationDocument> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const text = await storage.read();
    const changed = edit(parseDocument(text));
    if (await storage.replace(text, formatDocument(changed))) return changed;
    await delay(RETRY_DELAY_MS);
  }
  throw new Error(`Other processes keep changing the revocation list in ${storage.place}. Try again.`);
}
