import { MIN_NAMES } from './min-names.js';

/** Items of one member of a group, in their order. */
interface Member<Item> {
  readonly name: string;
  readonly items: Item[];
}

interface Group<Item> {
  readonly name: string;
  readonly members: Map<string, Member<Item>>;
  /** Members that have items, in the order of their turns. */
  readonly waiting: Member<Item>[];
  /** Whether the group has a turn to come. It may have no items then. */
  hasTurn: boolean;
}

/**
 * Queue in which groups take turns and, within each group, its members take turns.
 *
 * A new group goes first, once, so that a group with few items never waits behind groups with many. After that it
 * waits for its turn like the others. A group is new again after a turn for which it had no item, or when the queue was
 * empty.
 */
export class RoundRobin<Item> {
  #groups = new Map<string, Group<Item>>();
  /** Number of members in all groups. */
  #members = 0;
  /** New groups, and after them all others that have a turn to come. */
  readonly #newcomers: Group<Item>[] = [];
  readonly #waiting: Group<Item>[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(groupName: string, memberName: string, item: Item): void {
    const group = this.#groups.get(groupName) ?? this.#addGroup(groupName);
    const member = group.members.get(memberName) ?? this.#addMember(group, memberName);
    if (!group.hasTurn) this.#newcomers.push(group);
    group.hasTurn = true;
    if (member.items.length === 0) group.waiting.push(member);
    member.items.push(item);
    this.#size++;
  }

  /** Removes and returns the next item; undefined if the queue is empty. */
  take(): Item | undefined {
    let group: Group<Item> | undefined;
    while ((group = this.#newcomers.shift() ?? this.#waiting.shift())) {
      const member = group.waiting.shift();
      if (member) return this.#takeFrom(group, member);
      group.hasTurn = false;
      if (this.#groups.size > MIN_NAMES) this.#forgetGroup(group);
    }
    return undefined;
  }

  #takeFrom(group: Group<Item>, member: Member<Item>): Item | undefined {
    const item = member.items.shift();
    if (member.items.length > 0) group.waiting.push(member);
    else if (this.#members > MIN_NAMES) this.#forgetMember(group, member);
    this.#waiting.push(group);
    if (--this.#size === 0) this.#forgetAll();
    return item;
  }

  #addGroup(name: string): Group<Item> {
    const group: Group<Item> = { name, members: new Map(), waiting: [], hasTurn: false };
    this.#groups.set(name, group);
    return group;
  }

  #addMember({ members }: Group<Item>, name: string): Member<Item> {
    const member: Member<Item> = { name, items: [] };
    members.set(name, member);
    this.#members++;
    return member;
  }

  #forgetGroup({ name, members }: Group<Item>): void {
    this.#groups.delete(name);
    this.#members -= members.size;
  }

  #forgetMember({ members }: Group<Item>, { name }: Member<Item>): void {
    members.delete(name);
    this.#members--;
  }

  /** Replaces the Map, because clearing one that lives long leaves garbage too. */
  #forgetAll(): void {
    this.#groups = new Map();
    this.#members = 0;
    this.#waiting.length = 0;
  }
}
