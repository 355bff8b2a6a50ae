import { setTimeout as delay } from 'node:timers/promises';

import { formatDocument, parseDocument, type RevocationDocument } from './revocation-document.js';

/** Where the revocation list lies: one text that several processes read and replace. */
export interface RevocationStorage {
  readonly kind: 'redis' | 'file';
  /** The place in words, for people; nothing secret. */
  readonly place: string;
  /** The text; undefined where there is none yet. Throws when it cannot be told. */
  read(): Promise<string | undefined>;
  /**
   * Replaces the text if it still is what the caller has read.
   *
   * @returns whether it was, or false when somebody else is replacing it
   */
  replace(expected: string | undefined, text: string): Promise<boolean>;
  /** Calls back whenever the text may have changed, within well under a second, until closed. */
  watch(changed: () => void): void;
  close(): void;
}

const ATTEMPTS = 100;
const PAUSE = 20;

/**
 * Applies an edit to the stored document; edits of several processes at once do not undo each other.
 *
 * @param edit may be called several times; what it throws ends the attempt
 * @returns the document as it was stored
 */
export async function changeDocument(
  storage: RevocationStorage,
  edit: (document: RevocationDocument) => RevocationDocument,
): Promise<RevocationDocument> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const text = await storage.read();
    const changed = edit(parseDocument(text));
    if (await storage.replace(text, formatDocument(changed))) return changed;
    await delay(PAUSE);
  }
  throw new Error(`${storage.place} is being changed by somebody else all the time. Try again.`);
}
