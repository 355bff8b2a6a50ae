type Members<Item> = Map<string, Item[]>;

/**
 * Items that wait, each for the turn of its group and, within the group, of its member.
 *
 * Groups take turns. A group that comes anew goes first, once: so one that sends little never waits behind those that
 * send much. It keeps its place among the others until their turns have come round.
 */
export class RoundRobin<Item> {
  readonly #newcomers = new Map<string, Members<Item>>();
  /** The group whose turn is next comes first, and so does its member. Groups may be empty while others wait. */
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

  /** Takes the item whose turn it is; undefined when none waits. */
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
