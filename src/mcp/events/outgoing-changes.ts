import type { AllUpdated, ChangeEvent } from './change-event.js';
import { allEventsOf, WaitingChanges } from './waiting-changes.js';

/** Maximum number of events that are sent at once. More could exceed the timeout of a Redis command. */
export const MAX_SENT_AT_ONCE = 100;

type OutgoingEvent = ChangeEvent | AllUpdated;

/** Sends events to other instances, one batch after the other. Equal events that wait are merged. */
export class OutgoingChanges {
  readonly #waiting: WaitingChanges;
  readonly #events: Iterator<OutgoingEvent | undefined, never>;
  #isSending = false;
  #sent = Promise.resolve();

  /**
   * @param send sends an event. Never rejects
   * @param onOverload called when too many changes wait, once until nothing waits any more
   */
  constructor(
    private readonly send: (event: OutgoingEvent) => Promise<void>,
    onOverload: () => void,
  ) {
    this.#waiting = new WaitingChanges(onOverload);
    this.#events = eventsIn(this.#waiting);
  }

  /** Adds an event. Sends it at once if no other is being sent. */
  add(event: OutgoingEvent): void {
    this.#waiting.add(event);
    if (!this.#isSending) this.#sent = this.#sendAll();
  }

  /** Waits until all events are sent. */
  allSent(): Promise<void> {
    return this.#sent;
  }

  async #sendAll(): Promise<void> {
    this.#isSending = true;
    for (let batch = this.#takeBatch(); batch.length > 0; batch = this.#takeBatch()) {
      await Promise.all(batch.map((event) => this.send(event)));
    }
    this.#isSending = false;
  }

  #takeBatch(): OutgoingEvent[] {
    const batch: OutgoingEvent[] = [];
    while (batch.length < MAX_SENT_AT_ONCE) {
      const { value } = this.#events.next();
      if (!value) break;
      batch.push(value);
    }
    return batch;
  }
}

/** Yields the events that wait, and undefined whenever none waits. */
function* eventsIn(waiting: WaitingChanges): Generator<OutgoingEvent | undefined, never> {
  for (;;) {
    const changes = waiting.takeNext();
    if (changes) yield* allEventsOf(changes);
    else yield undefined;
  }
}
