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
  readonly group: string;
}

/** Events of one organization, oldest first. */
interface Group {
  readonly entries: Map<string, Entry>;
  bytes: number;
}

/** Part of the overall maximum that is dropped at once, so that the largest organization is rarely looked for. */
const DROPPED_PART = 1 / 32;

/**
 * Keeps sent messages of all sessions in memory.
 *
 * The oldest event is dropped first, in each session, and overall in the organization that has most. So nobody drops the
 * events of others, and if an event is known, so are all later events of its session.
 */
export class EventLog {
  readonly #groups = new Map<string, Group>();
  #size = 0;
  #bytes = 0;

  constructor(
    private readonly overall: Bounds,
    private readonly perSession: Bounds,
  ) {}

  get size(): number {
    return this.#size;
  }

  /**
   * Opens the log of a new session.
   *
   * @param group key of its organization
   */
  open(group: string): SessionEvents {
    return new SessionEvents(this, this.perSession, group);
  }

  add(entry: Entry): void {
    const group = this.#groups.get(entry.group) ?? { entries: new Map<string, Entry>(), bytes: 0 };
    this.#groups.set(entry.group, group);
    group.entries.set(entry.id, entry);
    group.bytes += entry.size;
    this.#size++;
    this.#bytes += entry.size;
    if (!this.#fits(1)) this.#shrink();
  }

  remove(entry: Entry): void {
    const group = this.#groups.get(entry.group);
    if (!group?.entries.delete(entry.id)) return;
    group.bytes -= entry.size;
    if (group.entries.size === 0) this.#groups.delete(entry.group);
    this.#size--;
    this.#bytes -= entry.size;
  }

  /** Whether the log takes no more than a part of its maximum. */
  #fits(part: number): boolean {
    const { events, bytes } = this.overall;
    return this.#size <= Math.ceil(events * part) && this.#bytes <= Math.ceil(bytes * part);
  }

  #shrink(): void {
    while (!this.#fits(1 - DROPPED_PART)) {
      const largest = [...this.#groups.values()].reduce((most, group) =>
        this.#shareOf(group) > this.#shareOf(most) ? group : most,
      );
      for (const oldest of largest.entries.values()) {
        oldest.events.remove(oldest);
        if (this.#fits(1 - DROPPED_PART)) return;
      }
    }
  }

  #shareOf({ entries, bytes }: Group): number {
    return Math.max(entries.size / this.overall.events, bytes / this.overall.bytes);
  }
}

/** Log of one session. The event IDs are random and valid in this session only. */
export class SessionEvents {
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;

  constructor(
    private readonly log: EventLog,
    private readonly bounds: Bounds,
    private readonly group: string,
  ) {}

  /**
   * Adds an event.
   *
   * @param asker principal whose requests the stream answers; undefined for other streams
   * @param prefix start of the ID
   * @returns the ID of the event
   */
  add(stream: string, message?: SentMessage, asker?: Principal, prefix = ''): string {
    const id = `${prefix}${randomUUID()}`;
    const size = EVENT_BYTES + (message ? memoryOf([message.text]) : 0);
    const entry: Entry = { id, stream, asker, message, size, events: this, group: this.group };
    this.#insert(entry);
    for (const oldest of this.#entries.values()) {
      if (this.#entries.size <= this.bounds.events && this.#bytes <= this.bounds.bytes) break;
      this.remove(oldest);
    }
    return id;
  }

  /** Makes known events the newest ones, in the order of their IDs here, so that they are dropped last. */
  renew(ids: readonly string[]): void {
    for (const id of ids) {
      const entry = this.#entries.get(id);
      if (!entry) continue;
      this.remove(entry);
      this.#insert(entry);
    }
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

  /** Returns the kept events of a stream that answers no request. */
  all(stream: string): Followed {
    const events = [...this.#entries.values()].filter((entry) => entry.stream === stream);
    return { stream, asker: undefined, events };
  }

  clear(): void {
    for (const entry of this.#entries.values()) this.remove(entry);
  }

  remove(entry: Entry): void {
    this.log.remove(entry);
    if (this.#entries.delete(entry.id)) this.#bytes -= entry.size;
  }

  #insert(entry: Entry): void {
    this.#entries.set(entry.id, entry);
    this.#bytes += entry.size;
    this.log.add(entry);
  }
}
