type Members<Item> = Map<string, Item[]>;

/**
 * Queue in which groups take turns and, within each group, its members take turns.
 *
 * A new group goes first, once, so that a group with few items never waits behind groups with many. After that it
 * waits for its turn like the others.
 */
export class RoundRobin<Item> {
  readonly #newcomers = new Map<string, Members<Item>>();
  /** Groups in the order of their turns, as are their members. A group may be empty while others wait. */
  readonly #groups = new Map<string, Members<Item>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(group: string, member: string, item: Item): void {
    let members = this.#newcomers.get(group) ?? this.#groups.get(group);
    if (!members) this.#newcomers.set(group, (members = new Map()));
    const queue = members.get(member);
    if (queue) queue.push(item);
    else members.set(member, [item]);
    this.#size++;
  }

  /** Removes and returns the next item; undefined if the queue is empty. */
  take(): Item | undefined {
    const item = this.#takeFrom(this.#newcomers) ?? this.#takeFrom(this.#groups);
    if (this.#size === 0) this.#groups.clear();
    return item;
  }

  #takeFrom(groups: Map<string, Members<Item>>): Item | undefined {
    for (const [group, members] of groups) {
      groups.delete(group);
      for (const [member, queue] of members) {
        members.delete(member);
        const item = queue.shift();
        if (queue.length > 0) members.set(member, queue);
        this.#groups.set(group, members);
        this.#size--;
        return item;
      }
    }
    return undefined;
  }
}
