/**
 * Number of members below which those without items are kept while others wait. Deleting and adding the same few would
 * leave much garbage: a Map that lives long replaces its table again and again, and only a full collection removes the
 * old ones.
 */
const MIN_MEMBERS = 1_000;

/** Items of one member of a group, in their order. */
interface Member<Item> {
  readonly name: string;
  readonly items: Item[];
}

interface Group<Item> {
  readonly members: Map<string, Member<Item>>;
  /** Members that have items, in the order of their turns. */
  readonly waiting: Member<Item>[];
}

/**
 * Queue in which groups take turns and, within each group, its members take turns.
 *
 * A new group goes first, once, so that a group with few items never waits behind groups with many. After that it
 * waits for its turn like the others. All names are forgotten when the queue is empty.
 */
export class RoundRobin<Item> {
  #groups = new Map<string, Group<Item>>();
  /** Number of members in all groups. */
  #members = 0;
  /** Groups that have items, in the order of their turns. */
  readonly #newcomers: Group<Item>[] = [];
  readonly #waiting: Group<Item>[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(groupName: string, memberName: string, item: Item): void {
    const known = this.#groups.get(groupName);
    const group = known ?? this.#addGroup(groupName);
    const member = group.members.get(memberName) ?? this.#addMember(group, memberName);
    if (group.waiting.length === 0) (known ? this.#waiting : this.#newcomers).push(group);
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
    else if (this.#members > MIN_MEMBERS) this.#forget(group, member);
    if (group.waiting.length > 0) this.#waiting.push(group);
    if (--this.#size === 0) this.#forgetAll();
    return item;
  }

  #addGroup(name: string): Group<Item> {
    const group: Group<Item> = { members: new Map(), waiting: [] };
    this.#groups.set(name, group);
    return group;
  }

  #addMember({ members }: Group<Item>, name: string): Member<Item> {
    const member: Member<Item> = { name, items: [] };
    members.set(name, member);
    this.#members++;
    return member;
  }

  #forget({ members }: Group<Item>, { name }: Member<Item>): void {
    members.delete(name);
    this.#members--;
  }

  /** Replaces the Map, because clearing one that lives long leaves garbage too. */
  #forgetAll(): void {
    this.#groups = new Map();
    this.#members = 0;
  }
}
