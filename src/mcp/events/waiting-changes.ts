import type { ChangedList } from '../catalog/offers.js';
import { type Audience, audienceKey } from '../context/audience.js';
import type { ChangeEvent } from './change-event.js';

/** Maximum number of resource updates that wait for delivery. */
export const MAX_WAITING_UPDATES = 10_000;

/** Changes of which the listeners of one audience must be notified. */
interface Changes {
  readonly audience: Audience;
  /** URIs of updated resources; `'all'` if there were too many to keep. */
  updated: Set<string> | 'all';
  readonly lists: Set<ChangedList>;
}

/** Changes that wait for delivery, merged by audience. The audience that has waited longest comes first. */
export class WaitingChanges {
  readonly #waiting = new Map<string, Changes>();
  #updates = 0;
  #isOverloaded = false;

  /** @param onOverload called when there are too many updates, once until nothing waits any more */
  constructor(private readonly onOverload: () => void) {}

  /** Adds a change. If too many updates wait, it stands for an update of each resource that its audience follows. */
  add(event: ChangeEvent): void {
    const changes = this.#changesOf(event.audience);
    if (event.kind === 'list_changed') changes.lists.add(event.list);
    else if (changes.updated !== 'all' && !changes.updated.has(event.uri)) {
      if (this.#updates < MAX_WAITING_UPDATES) {
        changes.updated.add(event.uri);
        this.#updates++;
      } else {
        this.#updates -= changes.updated.size;
        changes.updated = 'all';
        if (!this.#isOverloaded) this.onOverload();
        this.#isOverloaded = true;
      }
    }
  }

  /** Removes and returns the changes of the next audience. */
  takeNext(): Changes | undefined {
    for (const [key, changes] of this.#waiting) {
      this.#waiting.delete(key);
      if (changes.updated !== 'all') this.#updates -= changes.updated.size;
      return changes;
    }
    this.#isOverloaded = false;
    return undefined;
  }

  #changesOf(audience: Audience): Changes {
    const key = audienceKey(audience);
    let changes = this.#waiting.get(key);
    if (!changes) this.#waiting.set(key, (changes = { audience, updated: new Set(), lists: new Set() }));
    return changes;
  }
}

/** Yields the events of a listener. Visits the fewer resources: those that it follows, or those that were updated. */
export function* eventsOf(
  { audience, updated, lists }: Changes,
  followed: ReadonlySet<string>,
): Generator<ChangeEvent> {
  const all = updated === 'all' ? followed : updated;
  const [fewer, others] = all.size < followed.size ? [all, followed] : [followed, all];
  for (const uri of fewer) if (others.has(uri)) yield { kind: 'resource_updated', uri, audience };
  for (const list of lists) yield { kind: 'list_changed', list, audience };
}
