import { isDeepStrictEqual } from 'node:util';

import { connectionProblem } from '../../values/connection-problem.js';
import { whilePending } from '../../values/while-pending.js';
import type { Principal } from '../principal.js';
import {
  formatDocument,
  isSuccessor,
  parseDocument,
  restored,
  type RevocationDocument,
  UnreadableRevocationsError,
  withRevocations,
} from './revocation-document.js';
import { combine, isLive, keyOf, type Revocation } from './revocation.js';
import { RevocationIndex } from './revocation-index.js';
import { changeDocument, type RevocationStorage, StorageRefusesError } from './revocation-storage.js';

/** Interval at which the list is reloaded even without a change notification, milliseconds. */
export const RELOAD_INTERVAL_MS = 5_000;

/**
 * Kind of a failed load: the storage does not answer, contains no list, or does not accept revocations that it has lost.
 */
export type RevocationFailure = 'away' | 'unreadable' | 'refusing';

export interface RevocationListOptions {
  /** Called when loading starts to fail, and when the kind of failure changes. */
  readonly onFailure: (reason: string, failure: RevocationFailure) => void;
  /** Called when loading succeeds again. */
  readonly onRecovery: () => void;
  /** Called after revocations that the storage had lost were restored. */
  readonly onRestored: () => void;
  /** Called after a load that found other revocations than the one before. Those that have ended count as removed. */
  readonly onChange: (added: readonly Revocation[], removed: readonly Revocation[]) => void;
}

/** Status of the list for the readiness probe. */
export interface RevocationListStatus {
  /** Whether a list is known. */
  readonly loaded: boolean;
  readonly source: RevocationStorage['kind'];
  /** Whether the latest load succeeded. */
  readonly current: boolean;
  /** Number of active revocations; undefined until the list is loaded. */
  readonly entries?: number;
}

/**
 * Copy of the revocation list in one instance. It is loaded at startup, on every change notification, and
 * periodically to recover from a lost notification. While the storage is unavailable, the last known list stays in
 * effect.
 */
export class RevocationList {
  #document: RevocationDocument | undefined;
  /** Revocations that another process could not store, until they are stored. */
  #offered: readonly Revocation[] = [];
  #index: RevocationIndex | undefined;
  /** Time of the last successful load, on the clock of `performance.now()`. */
  #loadedAt: number | undefined;
  #failure: RevocationFailure | undefined;
  readonly #loadOnce = whilePending(() => this.#loadWhileOutdated());
  #outdated = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly storage: RevocationStorage,
    private readonly options: RevocationListOptions,
  ) {}

  /** Starts following the list. Resolves after the first load, whether or not it succeeds. */
  async start(): Promise<void> {
    this.storage.watch({
      onChange: () => void this.reload(),
      onOffer: (text) => this.#adopt(text),
      onQuestion: () => this.#unstored(),
    });
    this.#timer = setInterval(() => void this.reload(), RELOAD_INTERVAL_MS).unref();
    await this.reload();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.storage.close();
  }

  /** Whether the token of this caller has been revoked; undefined until the list is loaded. */
  covers(principal: Principal): boolean | undefined {
    return this.#index?.covers(principal);
  }

  get status(): RevocationListStatus {
    return {
      loaded: this.#index !== undefined,
      source: this.storage.kind,
      current: this.#index !== undefined && this.#failure === undefined,
      ...(this.#index && { entries: this.#index.size }),
    };
  }

  /** Seconds since the last successful load; undefined until the list is loaded. */
  get ageSeconds(): number | undefined {
    return this.#loadedAt === undefined ? undefined : (performance.now() - this.#loadedAt) / 1_000;
  }

  /** Loads the list. Never rejects. */
  reload(): Promise<void> {
    // A load in progress may have read the text before the latest change.
    this.#outdated = true;
    return this.#loadOnce();
  }

  async #loadWhileOutdated(): Promise<void> {
    while (this.#outdated) {
      this.#outdated = false;
      await this.#load();
    }
  }

  async #load(): Promise<void> {
    try {
      const stored = await this.#upToDate(await this.#read());
      // More may have been offered meanwhile.
      const document = this.#withOffered(stored);
      const known = this.#document;
      this.#apply(document);
      if (known) this.#tellChange(known, document);
      this.#loadedAt = performance.now();
      if (this.#failure) this.options.onRecovery();
      this.#failure = undefined;
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Reads the list. The first time, running instances restore what the storage has lost, so that nothing is missed. */
  async #read(): Promise<RevocationDocument> {
    const text = await this.storage.read();
    if (this.#document || !this.storage.askInstances) return parseDocument(text);
    const offers = await this.storage.askInstances();
    const stored = parseDocument(await this.storage.read());
    return offers.reduce((document, offer) => this.#withOffer(document, offer), stored);
  }

  /** Returns the document with the revocations of an offer, and remembers to store them. */
  #withOffer(document: RevocationDocument, text: string): RevocationDocument {
    const offer = parseDocument(text);
    this.#offered = [...this.#offered, ...unknownTo(document, offer.revocations)];
    return this.#withOffered({ ...document, lineage: document.lineage || offer.lineage });
  }

  #withOffered(document: RevocationDocument): RevocationDocument {
    const added = unknownTo(document, this.#offered);
    if (added.length === 0) return document;
    // The revision counts what is stored. With a new one, this list would pass for the successor of others.
    return { ...withRevocations(document, added), revision: document.revision };
  }

  #apply(document: RevocationDocument): void {
    this.#index = new RevocationIndex(document.revocations);
    this.#document = document;
  }

  /** Applies a list that another process could not store. The next load stores it, as soon as that is possible. */
  #adopt(text: string): void {
    const known = this.#document;
    if (!known) return;
    try {
      const document = this.#withOffer(known, text);
      this.#apply(document);
      const added = missingIn(known, document.revocations);
      if (added.length > 0) this.options.onChange(added, []);
    } catch (error) {
      // Another message, such as of a later version, says nothing about the stored list.
      if (!(error instanceof UnreadableRevocationsError)) this.#fail(error);
    }
    void this.reload();
  }

  /** Restores what the storage has lost. Returns the list if it cannot be stored. */
  async #unstored(): Promise<string | undefined> {
    if (!this.#document) return undefined;
    await this.reload();
    return this.#failure === undefined ? undefined : formatDocument(this.#document);
  }

  /** Adds known revocations to a storage that lost them or could not store them, so that revoked tokens stay revoked. */
  async #upToDate(stored: RevocationDocument): Promise<RevocationDocument> {
    const known = this.#document;
    if (!known) return stored;
    const offered = this.#offered;
    const complete = (current: RevocationDocument): RevocationDocument => {
      const kept = isSuccessor(current, known) || !this.#index?.size ? current : restored(current, known);
      return unknownTo(kept, offered).length === 0 ? kept : withRevocations(kept, offered);
    };
    const isComplete = complete(stored) === stored;
    const document = isComplete ? stored : await changeDocument(this.storage, complete);
    this.#offered = this.#offered.slice(offered.length);
    if (!isComplete) this.options.onRestored();
    return document;
  }

  #tellChange(known: RevocationDocument, current: RevocationDocument): void {
    if (known.revision === current.revision && known.lineage === current.lineage) return;
    const added = missingIn(known, current.revocations);
    const removed = missingIn(current, known.revocations);
    if (added.length + removed.length > 0) this.options.onChange(added, removed);
  }

  #fail(error: unknown): void {
    const reason = connectionProblem(error);
    const failure =
      error instanceof UnreadableRevocationsError
        ? 'unreadable'
        : error instanceof StorageRefusesError
          ? 'refusing'
          : 'away';
    if (this.#failure !== failure) this.options.onFailure(reason, failure);
    this.#failure = failure;
  }
}

/** Returns the revocations that would change a document. */
function unknownTo({ revocations }: RevocationDocument, others: readonly Revocation[]): Revocation[] {
  if (others.length === 0) return [];
  const known = new Map(revocations.map((revocation) => [keyOf(revocation), revocation]));
  return others.filter((other) => {
    const one = known.get(keyOf(other));
    return isLive(other, Date.now()) && !(one && isDeepStrictEqual(combine(one, other), one));
  });
}

/** Returns the revocations that a document does not contain. */
function missingIn(document: RevocationDocument, revocations: readonly Revocation[]): Revocation[] {
  const keys = new Set(document.revocations.map(keyOf));
  return revocations.filter((revocation) => !keys.has(keyOf(revocation)));
}
