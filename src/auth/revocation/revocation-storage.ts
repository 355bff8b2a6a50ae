import { setTimeout as delay } from 'node:timers/promises';

import { formatDocument, parseDocument, type RevocationDocument } from './revocation-document.js';
import { RevocationError } from './revocation-error.js';

/** Maximum number of stored revocations, so that each instance can load the list quickly and keep it in memory. */
export const MAX_REVOCATIONS = 10_000;

/** Handlers of what other processes tell about the list. */
export interface RevocationWatcher {
  /** Called well within a second whenever the text may have changed. */
  readonly onChange: () => void;
  /** Called with a text that another process could not store. */
  readonly onOffer: (text: string) => void;
  /**
   * Called when another instance starts. Restores what the storage has lost.
   *
   * @returns the text if it cannot be stored, else an empty one; undefined if this instance knows no list
   */
  readonly onQuestion: () => Promise<string | undefined>;
}

/** Thrown when a storage can be read but not written, such as a full Redis. */
export class StorageRefusesError extends Error {
  /**
   * @param text text that was not stored
   * @param remedy what to do about it, for people
   */
  constructor(
    message: string,
    readonly text: string,
    readonly remedy: string,
    options: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Thrown when a list has more than {@link MAX_REVOCATIONS}, and is not stored. */
export class FullRevocationListError extends Error {
  constructor() {
    super(
      `The revocation list is full (${MAX_REVOCATIONS} revocations). Undo revocations of a client or organization, and revoke it as a whole.`,
    );
  }
}

/** Storage of the revocation list: one text that several processes read and replace. */
export interface RevocationStorage {
  readonly kind: 'redis' | 'file';
  /** Description of the location for people; contains no secrets. */
  readonly place: string;
  /** Reads the text; undefined if there is none yet. Throws if the storage cannot be read. */
  read(): Promise<string | undefined>;
  /**
   * Returns the time for changes, milliseconds since the epoch. All processes that share the list share this time, so
   * that a wrong clock of one of them does not weaken the list.
   */
  now(): Promise<number>;
  /**
   * Replaces the text if it still equals `expected`.
   *
   * @returns false when the text differs or another process is replacing it
   * @throws {StorageRefusesError} when the storage accepts no changes
   */
  replace(expected: string | undefined, text: string): Promise<boolean>;
  /** Calls the handlers until `close` is called. */
  watch(watcher: RevocationWatcher): void;
  /** Makes all running instances restore what the storage has lost. Returns the texts that they could not store. */
  askInstances?(): Promise<string[]>;
  /** Gives a text that cannot be stored to all running instances. Returns their number; undefined if unknown. */
  offer?(text: string): Promise<number | undefined>;
  close(): void;
}

const MAX_ATTEMPTS = 100;
const RETRY_DELAY_MS = 20;

/**
 * Applies an edit to the stored document. Concurrent edits of several processes do not overwrite each other.
 *
 * @param edit receives the time of the storage; may be called several times; an error that it throws is passed on
 * @returns the stored document
 * @throws {FullRevocationListError} when the document would be too long
 */
export async function changeDocument(
  storage: RevocationStorage,
  edit: (document: RevocationDocument, now: number) => RevocationDocument,
): Promise<RevocationDocument> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const now = await storage.now(); // first, because another process may change the text after it was read
    const text = await storage.read();
    const changed = edit(parseDocument(text), now);
    if (changed.revocations.length > MAX_REVOCATIONS) throw new FullRevocationListError();
    if (await storage.replace(text, formatDocument(changed))) return changed;
    await delay(RETRY_DELAY_MS);
  }
  throw new RevocationError(
    'unavailable',
    `Other processes keep changing the revocation list in ${storage.place}. Try again.`,
  );
}
