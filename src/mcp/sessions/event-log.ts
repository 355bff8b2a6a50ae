import { randomUUID } from 'node:crypto';

import type { Principal } from '../../auth/principal.js';
import { memoryOf } from '../../limits/kept-bytes.js';
import type { SentMessage } from './sent-message.js';

/** Approximate memory that an event takes besides its text, bytes. */
const EVENT = 400;

/** How much is kept; bytes are approximate memory. */
export interface Bounds {
  readonly events: number;
  readonly bytes: number;
}

/** Something that was sent, kept for a client that lost its connection. */
export interface StoredEvent {
  readonly id: string;
  /** undefined: only a mark, from which a client can come back. */
  readonly message: SentMessage | undefined;
}

/** What followed an event on its stream. */
export interface Followed {
  readonly stream: string;
  /** Whose requests the stream answers; undefined where it answers none. */
  readonly asker: Principal | undefined;
  readonly events: readonly StoredEvent[];
}

interface Entry extends StoredEvent {
  readonly stream: string;
  readonly asker: Principal | undefined;
  readonly size: number;
  readonly events: SessionEvents;
}

/**
 * What was sent on the streams of all sessions, in memory, oldest first.
 *
 * The oldest goes first, of a session and of all: as long as an event is known, so is all that came after it.
 */
export class EventLog {
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;

  constructor(
    private readonly overall: Bounds,
    private readonly perSession: Bounds,
  ) {}

  get size(): number {
    return this.#entries.size;
  }

  /** The events of a new session. */
  open(): SessionEvents {
    return new SessionEvents(this, this.perSession);
  }

  add(entry: Entry): void {
    this.#entries.set(entry.id, entry);
    this.#bytes += entry.size;
    for (const oldest of this.#entries.values()) {
      if (this.#entries.size <= this.overall.events && this.#bytes <= this.overall.bytes) return;
      oldest.events.remove(oldest);
    }
  }

  remove(entry: Entry): void {
    if (this.#entries.delete(entry.id)) this.#bytes -= entry.size;
  }
}

/** What was sent on the streams of one session. Its ids are random, and mean nothing to any other session. */
export class SessionEvents {
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;

  constructor(
    private readonly log: EventLog,
    private readonly bounds: Bounds,
  ) {}

  /**
   * @param asker whose requests the stream answers; undefined where it answers none
   * @returns the event's id
   */
  add(stream: string, message?: SentMessage, asker?: Principal): string {
    const id = randomUUID();
    const size = EVENT + (message ? memoryOf([message.text]) : 0);
    const entry: Entry = { id, stream, asker, message, size, events: this };
    this.#entries.set(id, entry);
    this.#bytes += size;
    this.log.add(entry);
    for (const oldest of this.#entries.values()) {
      if (this.#entries.size <= this.bounds.events && this.#bytes <= this.bounds.bytes) break;
      this.remove(oldest);
    }
    return id;
  }

  /** The stream of an event, and what followed on it; undefined when the event is not known, or no longer. */
  after(id: string): Followed | undefined {
    const found = this.#entries.get(id);
    if (!found) return undefined;
    const { stream, asker } = found;
    const all = [...this.#entries.values()];
    const later = all.slice(all.findIndex((entry) => entry.id === id) + 1);
    return { stream, asker, events: later.filter((entry) => entry.stream === stream) };
  }

  clear(): void {
    for (const entry of this.#entries.values()) this.remove(entry);
  }

  remove(entry: Entry): void {
    this.log.remove(entry);
    if (this.#entries.delete(entry.id)) this.#bytes -= entry.size;
  }
}
