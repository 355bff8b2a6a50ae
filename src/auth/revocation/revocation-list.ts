import type { Principal } from '../principal.js';
import {
  isSuccessor,
  parseDocument,
  restored,
  type RevocationDocument,
  UnreadableRevocationsError,
} from './revocation-document.js';
import { RevocationIndex } from './revocation-index.js';
import { changeDocument, type RevocationStorage } from './revocation-storage.js';

/** How often the list is loaded whether or not a change was announced, milliseconds. */
export const RELOAD_INTERVAL = 5_000;

export interface RevocationListOptions {
  /** Called when loading begins to fail, and when it fails in the other way. */
  readonly onFailure: (reason: string, failure: 'away' | 'unreadable') => void;
  /** Called when loading goes well again. */
  readonly onRecovery: () => void;
  /** Called when the storage had fallen back to an older state and got back what it had lost. */
  readonly onRestored: () => void;
}

/** What a readiness probe tells of the list. */
export interface RevocationListStatus {
  /** The list is known and what is stored can be read. */
  readonly loaded: boolean;
  readonly source: RevocationStorage['kind'];
  /** Whether the latest attempt to load it succeeded. */
  readonly current: boolean;
  /** How many revocations are in force; undefined while that is not known. */
  readonly entries?: number;
}

/**
 * The revocation list as one instance knows it: loaded at the start, on every announced change, and again from
 * time to time, so that an announcement that went astray heals. While the storage is away, the last known list
 * goes on being applied.
 */
export class RevocationList {
  #document: RevocationDocument | undefined;
  #index: RevocationIndex | undefined;
  #failure: 'away' | 'unreadable' | undefined;
  #loading: Promise<void> | undefined;
  #outdated = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly storage: RevocationStorage,
    private readonly options: RevocationListOptions,
  ) {}

  /** Begins to keep the list at hand; resolves after the first attempt to load it, whatever came of it. */
  async start(): Promise<void> {
    this.storage.watch(() => void this.reload());
    this.#timer = setInterval(() => void this.reload(), RELOAD_INTERVAL).unref();
    await this.reload();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.storage.close();
  }

  /** Whether the token behind this caller has been revoked; undefined while the list is not known. */
  covers(principal: Principal): boolean | undefined {
    return this.#index?.covers(principal);
  }

  get status(): RevocationListStatus {
    return {
      loaded: this.#index !== undefined && this.#failure !== 'unreadable',
      source: this.storage.kind,
      current: this.#index !== undefined && this.#failure === undefined,
      ...(this.#index && { entries: this.#index.size }),
    };
  }

  /** Loads the list. Never rejects. */
  reload(): Promise<void> {
    // A load that is under way may have read before the change that this call is about.
    this.#outdated = true;
    this.#loading ??= this.#loadWhileOutdated().finally(() => {
      this.#loading = undefined;
    });
    return this.#loading;
  }

  async #loadWhileOutdated(): Promise<void> {
    while (this.#outdated) {
      this.#outdated = false;
      await this.#load();
    }
  }

  async #load(): Promise<void> {
    try {
      const document = await this.#upToDate(parseDocument(await this.storage.read()));
      this.#index = new RevocationIndex(document.revocations);
      this.#document = document;
      if (this.#failure) this.options.onRecovery();
      this.#failure = undefined;
    } catch (error) {
      this.#fail(error);
    }
  }

  /** A storage that comes back without its data, or with older data, must not set anybody free. */
  async #upToDate(stored: RevocationDocument): Promise<RevocationDocument> {
    const known = this.#document;
    if (!known || isSuccessor(stored, known) || !this.#index?.size) return stored;
    const complete = await changeDocument(this.storage, (current) =>
      isSuccessor(current, known) ? current : restored(current, known),
    );
    this.options.onRestored();
    return complete;
  }

  #fail(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    const failure = error instanceof UnreadableRevocationsError ? 'unreadable' : 'away';
    if (this.#failure !== failure) this.options.onFailure(reason, failure);
    this.#failure = failure;
  }
}
