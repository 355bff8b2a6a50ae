/**
 * Number of names below which names without items are kept. Deleting and adding the same few names would leave much
 * garbage in a Map that lives long, and only a full collection removes it.
 */
const MIN_NAMES = 1_000;

/** Items of one member of a group, in their order. */
interface Member<Item> {
  readonly name: string;
  readonly items: Item[];
}

interface Group<Item> {
  readonly members: Map<string, Member<Item>>;
  /** Members that have items, in the order of their turns. */
  readonly waiting: Member<Item>[];
  /** Last period in which the group was added. A period ends when the queue is empty. */
  period: number;
}

/**
 * Queue in which groups take turns and, within each group, its members take turns.
 *
 * A new group goes first, once, so that a group with few items never waits behind groups with many. After that it
 * waits for its turn like the others.
 */
export class RoundRobin<Item> {
  readonly #groups = new Map<string, Group<Item>>();
  /** Groups that have items, in the order of their turns. */
  readonly #newcomers: Group<Item>[] = [];
  readonly #waiting: Group<Item>[] = [];
  #members = 0;
  #period = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(groupName: string, memberName: string, item: Item): void {
    const group = this.#groupOf(groupName);
    const member = this.#memberOf(group, memberName);
    if (group.waiting.length === 0) this.#enqueue(group);
    if (member.items.length === 0) group.waiting.push(member);
    member.items.push(item);
    this.#size++;
  }

  /** Removes and returns the next item; undefined if the queue is empty. */
  take(): Item | undefined {
    const group = this.#newcomers.shift() ?? this.#waiting.shift();
    const member = group?.waiting.shift();
    if (!group || !member) return undefined;
    const item = member.items.shift();
    if (member.items.length > 0) group.waiting.push(member);
    else if (this.#members > MIN_NAMES) this.#forget(group, member);
    if (group.waiting.length > 0) this.#waiting.push(group);
    if (--this.#size === 0) this.#endPeriod();
    return item;
  }

  #groupOf(name: string): Group<Item> {
    let group = this.#groups.get(name);
    if (!group) this.#groups.set(name, (group = { members: new Map(), waiting: [], period: -1 }));
    return group;
  }

  #memberOf({ members }: Group<Item>, name: string): Member<Item> {
    let member = members.get(name);
    if (!member) {
      members.set(name, (member = { name, items: [] }));
      this.#members++;
    }
    return member;
  }

  #enqueue(group: Group<Item>): void {
    const queue = group.period === this.#period ? this.#waiting : this.#newcomers;
    group.period = this.#period;
    queue.push(group);
  }

  #forget(group: Group<Item>, member: Member<Item>): void {
    group.members.delete(member.name);
    this.#members--;
  }

  /** Groups are forgotten only now: one that returns while others wait is not new. */
  #endPeriod(): void {
    this.#period++;
    if (this.#groups.size <= MIN_NAMES) return;
    this.#groups.clear();
    this.#members = 0;
  }
}
