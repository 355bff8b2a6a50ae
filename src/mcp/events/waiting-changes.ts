import type { ChangedList } from '../catalog/offers.js';
import { type Audience, audienceKey } from '../context/audience.js';
import type { AllUpdated, ChangeEvent } from './change-event.js';

/** Maximum number of resource updates that wait, and of audiences with changes that wait. */
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

  /** @param onOverload called when too many changes wait, once until nothing waits any more */
  constructor(private readonly onOverload: () => void) {}

  /**
   * Adds a change. If too many updates wait, those of the audience with the most become an update of each resource that
   * the audience follows.
   */
  add(event: ChangeEvent | AllUpdated): void {
    const changes = this.#changesOf(event);
    if (event.kind === 'list_changed') changes.lists.add(event.list);
    else if (event.kind === 'all_resources_updated') this.#updateAll(changes);
    else if (changes.updated !== 'all' && !changes.updated.has(event.uri)) {
      changes.updated.add(event.uri);
      this.#updates++;
      if (this.#updates > MAX_WAITING_UPDATES) {
        this.#updateAll(this.#withMostUpdates(changes));
        this.#overload();
      }
    }
  }

  /** Removes and returns the changes of the next audience. */
  takeNext(): Changes | undefined {
    for (const [key, changes] of this.#waiting) {
      this.#waiting.delete(key);
      this.#updates -= countOf(changes);
      return changes;
    }
    this.#isOverloaded = false;
    return undefined;
  }

  #changesOf({ audience, kind }: ChangeEvent | AllUpdated): Changes {
    const key = audienceKey(audience);
    let changes = this.#waiting.get(key);
    if (!changes && this.#waiting.size >= MAX_WAITING_UPDATES)
      return this.#mergeAudiences(kind !== 'list_changed');
    if (!changes) this.#waiting.set(key, (changes = { audience, updated: new Set(), lists: new Set() }));
    return changes;
  }

  /**
   * Replaces all that waits, for too many audiences, by changes for everybody.
   *
   * @param isUpdate whether the change that is added is an update of a resource
   */
  #mergeAudiences(isUpdate: boolean): Changes {
    const waiting = [...this.#waiting.values()];
    const hasUpdates = isUpdate || waiting.some(({ updated }) => updated === 'all' || updated.size > 0);
    const lists = new Set(waiting.flatMap((changes) => [...changes.lists]));
    const merged: Changes = { audience: 'everybody', updated: hasUpdates ? 'all' : new Set(), lists };
    this.#waiting.clear();
    this.#updates = 0;
    this.#waiting.set(audienceKey(merged.audience), merged);
    this.#overload();
    return merged;
  }

  #withMostUpdates(first: Changes): Changes {
    let most = first;
    for (const changes of this.#waiting.values()) if (countOf(changes) > countOf(most)) most = changes;
    return most;
  }

  #updateAll(changes: Changes): void {
    this.#updates -= countOf(changes);
    changes.updated = 'all';
  }

  #overload(): void {
    if (!this.#isOverloaded) this.onOverload();
    this.#isOverloaded = true;
  }
}

/** Returns the number of updates that changes keep. */
const countOf = ({ updated }: Changes): number => (updated === 'all' ? 0 : updated.size);

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

/** Yields the events for listeners that are unknown here. */
export function* allEventsOf({ audience, updated, lists }: Changes): Generator<ChangeEvent | AllUpdated> {
  if (updated === 'all') yield { kind: 'all_resources_updated', audience };
  else for (const uri of updated) yield { kind: 'resource_updated', uri, audience };
  for (const list of lists) yield { kind: 'list_changed', list, audience };
}
