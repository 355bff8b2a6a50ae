import { randomUUID } from 'node:crypto';

import type { Principal } from '../../auth/principal.js';
import { memoryOf } from '../../limits/kept-bytes.js';
import type { SentMessage } from './sent-message.js';

/** Approximate memory of an event in addition to its text. */
const EVENT_BYTES = 400;

/** Maximum number of events, and of bytes of approximate memory. */
export interface Bounds {
  readonly events: number;
  readonly bytes: number;
}

/** Sent message, kept for clients that lose their connection. */
export interface StoredEvent {
  readonly id: string;
  /** Message; undefined for a mark from which a client can resume. */
  readonly message: SentMessage | undefined;
}

/** Later events of the same stream. */
export interface Followed {
  readonly stream: string;
  /** Principal whose requests the stream answers; undefined for other streams. */
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
 * Keeps sent messages of all sessions in memory, oldest first.
 *
 * The oldest event is dropped first, in each session and overall. So if an event is known, so are all later events of
 * its session.
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

  /** Opens the log of a new session. */
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

/** Log of one session. The event IDs are random and valid in this session only. */
export class SessionEvents {
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;

  constructor(
    private readonly log: EventLog,
    private readonly bounds: Bounds,
  ) {}

  /**
   * Adds an event.
   *
   * @param asker principal whose requests the stream answers; undefined for other streams
   * @returns the ID of the event
   */
  add(stream: string, message?: SentMessage, asker?: Principal): string {
    const id = randomUUID();
    const size = EVENT_BYTES + (message ? memoryOf([message.text]) : 0);
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

  /** Returns the stream of an event and its later events; undefined if the event is unknown or was dropped. */
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
