import { connectionProblem } from '../../values/connection-problem.js';
import { whilePending } from '../../values/while-pending.js';
import type { Principal } from '../principal.js';
import {
  formatDocument,
  isReset,
  isSameRevision,
  isStricter,
  isSuccessor,
  missingIn,
  parseDocument,
  type RevocationDocument,
  unknownTo,
  UnreadableRevocationsError,
  withRevocations,
} from './revocation-document.js';
import { addTo, keptFor, type Revocation } from './revocation.js';
import { revocationFailureOf, type RevocationFailure } from './revocation-failure.js';
import { RevocationIndex } from './revocation-index.js';
import { changeDocument, type RevocationStorage } from './revocation-storage.js';

/** Interval at which the list is reloaded even without a change notification, milliseconds. */
export const RELOAD_INTERVAL_MS = 5_000;

export interface RevocationListOptions {
  /** Returns the maximum lifetime of a token that this instance accepts, milliseconds. */
  readonly maxTokenLifetime: () => number;
  /** Called when loading starts to fail, and when the kind of failure changes. */
  readonly onFailure: (reason: string, failure: RevocationFailure) => void;
  /** Called when loading succeeds again. */
  readonly onRecovery: () => void;
  /** Called after revocations that the storage had lost were restored. */
  readonly onRestored: () => void;
  /** Called after a load that found other revocations than the one before. Those that have ended count as removed. */
  readonly onChange: (added: readonly Revocation[], removed: readonly Revocation[]) => void;
  /** Called once for a load or an offer after which tokens may be rejected that were accepted before. */
  readonly onStricter: () => void;
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
  /** Revocations that the storage has lost or another process could not store, by key, until they are stored. */
  readonly #offered = new Map<string, Revocation>();
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

  /** Returns the revocations that the list does not contain; none until it is loaded. */
  lacking(revocations: readonly Revocation[]): readonly Revocation[] {
    return this.#document ? missingIn(this.#document, revocations) : [];
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
      const known = this.#document;
      const isFirst = known === undefined;
      const read = await this.#read();
      const stored = known && isReset(read, known) ? await this.#storeAgain(known) : read;
      this.#rememberLost(stored);
      // In effect even if the storage does not accept what it lacks.
      this.#show(this.#completed(stored));
      // More may be offered meanwhile.
      if (!isFirst) this.#show(this.#completed(await this.#storeMissing(stored)));
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
    this.#remember(unknownTo(document, offer.revocations));
    return this.#completed({ ...document, lineage: document.lineage || offer.lineage });
  }

  /** Returns a stored document as it takes effect: with what is not stored yet. */
  #completed(stored: RevocationDocument): RevocationDocument {
    const missing = this.#missingIn(stored);
    if (missing.length === 0) return stored;
    // It is no revision of its own: only the storage has those.
    return { ...stored, revocations: withRevocations(stored, missing).revocations };
  }

  /**
   * Returns the revocations that are not stored, or not for as long as tokens live here: another process may have a
   * shorter maximum.
   */
  #missingIn(document: RevocationDocument, unstored = this.#offered): Revocation[] {
    const maxTokenLifetime = this.options.maxTokenLifetime();
    const kept = [...document.revocations, ...unstored.values()].map((one) => keptFor(one, maxTokenLifetime));
    const lengthened = kept.filter((one, index) => one !== document.revocations[index]);
    return unknownTo(document, lengthened);
  }

  #show(document: RevocationDocument): void {
    const known = this.#document;
    this.#apply(document);
    if (known) this.#tellChange(known, document);
  }

  #apply(document: RevocationDocument): void {
    this.#index = new RevocationIndex(document.revocations);
    this.#document = document;
  }

  /**
   * Applies a list that another process could not store. The next load stores it, as soon as that is possible. Before the
   * first load, remembers it for that.
   */
  #adopt(text: string): void {
    const known = this.#document;
    try {
      if (known) this.#applyOffer(known, text);
      else this.#remember(parseDocument(text).revocations);
    } catch (error) {
      // Another message, such as of a later version, says nothing about the stored list.
      if (!(error instanceof UnreadableRevocationsError)) this.#fail(error);
    }
    void this.reload();
  }

  #applyOffer(known: RevocationDocument, text: string): void {
    const document = this.#withOffer(known, text);
    this.#apply(document);
    this.#tellStricter(known, document);
    const added = missingIn(known, document.revocations);
    if (added.length > 0) this.options.onChange(added, []);
  }

  /** Restores what the storage has lost. Returns the list if it cannot be stored, else an empty text. */
  async #unstored(): Promise<string | undefined> {
    if (!this.#document) return undefined;
    await this.reload();
    return this.#failure === undefined ? '' : formatDocument(withRevocations(this.#document, []));
  }

  /** Stores the known list again, so that what was removed since the earlier revision in the storage stays removed. */
  async #storeAgain(known: RevocationDocument): Promise<RevocationDocument> {
    const again = (current: RevocationDocument, now: number): RevocationDocument =>
      isReset(current, known) ? withRevocations(known, [], now) : current;
    const document = await changeDocument(this.storage, again);
    this.options.onRestored();
    return document;
  }

  /** Remembers known revocations that the storage has lost, so that revoked tokens stay revoked. */
  #rememberLost(stored: RevocationDocument): void {
    const known = this.#document;
    if (!known || isSuccessor(stored, known)) return;
    this.#remember(unknownTo(stored, known.revocations));
  }

  #remember(unstored: readonly Revocation[]): void {
    for (const one of unstored) addTo(this.#offered, one);
  }

  /** Stores what the storage lacks. Returns the stored list. */
  async #storeMissing(stored: RevocationDocument): Promise<RevocationDocument> {
    const unstored = new Map(this.#offered);
    const complete = (current: RevocationDocument, now?: number): RevocationDocument => {
      const missing = this.#missingIn(current, unstored);
      return missing.length === 0 ? current : withRevocations(current, missing, now);
    };
    const isComplete = complete(stored) === stored;
    const isRestored = unknownTo(stored, [...unstored.values()]).length > 0;
    const document = isComplete ? stored : await changeDocument(this.storage, complete);
    for (const [key, one] of unstored) {
      // Another one of the same tokens may have been offered meanwhile.
      if (this.#offered.get(key) === one) this.#offered.delete(key);
    }
    if (isRestored) this.options.onRestored();
    return document;
  }

  #tellChange(known: RevocationDocument, current: RevocationDocument): void {
    if (isSameRevision(known, current)) return;
    this.#tellStricter(known, current);
    const added = missingIn(known, current.revocations);
    const removed = missingIn(current, known.revocations);
    if (added.length + removed.length > 0) this.options.onChange(added, removed);
  }

  #tellStricter(known: RevocationDocument, current: RevocationDocument): void {
    if (isStricter(current, known)) this.options.onStricter();
  }

  #fail(error: unknown): void {
    const failure = revocationFailureOf(error);
    if (this.#failure !== failure) this.options.onFailure(connectionProblem(error), failure);
    this.#failure = failure;
  }
}
