import type { AuditFields, RecordedCaller } from './audit-record.js';
import { Chain } from './chain.js';
import type { SinkQueue, Weight } from './sink-queue.js';

const DAY_MS = 24 * 60 * 60 * 1_000;

/** Maximum number of hashes in a record: receivers and collectors of logs refuse or cut long lines. */
const MAX_AFTER = 100;

/** Returns the number of a day, in UTC. Times are in milliseconds since the epoch. */
const dayOf = (time: number): number => Math.floor(time / DAY_MS);

/** Writes the records of this process to all sinks. Each day has a chain of its own, linked to that of the day before. */
export class AuditTrail {
  #chain: Chain;
  #day: number;
  #closed: Promise<void> | undefined;

  /**
   * @param instance name of the instance
   * @param now returns the time, milliseconds since the epoch
   */
  constructor(
    private readonly instance: string,
    private readonly queues: readonly SinkQueue[],
    private readonly now: () => number = Date.now,
  ) {
    const time = now();
    this.#chain = new Chain(instance, time);
    this.#day = dayOf(time);
    this.#open(time);
  }

  /** Whether an authorized call must be refused, because it could not be recorded. */
  get isRefusing(): boolean {
    return this.queues.some((queue) => queue.isRefusing);
  }

  /** Whether each sink without which calls are refused has taken a record since the start. */
  get hasRecorded(): boolean {
    return this.queues.every(({ onFull, hasWritten }) => hasWritten || onFull === 'drop');
  }

  /** Whether each sink would miss an optional record, because its queue fills. */
  get isCrowded(): boolean {
    return this.queues.every((queue) => queue.isCrowded);
  }

  /** Number of records that wait for the slowest sink. */
  get waiting(): number {
    return Math.max(0, ...this.queues.map(({ length }) => length));
  }

  /** Number of sinks that fail while records wait for them. */
  get failing(): number {
    return this.queues.filter(({ isFailing }) => isFailing).length;
  }

  /** Number of records that sinks have missed. */
  get missed(): number {
    return this.queues.reduce((sum, { missed }) => sum + missed, 0);
  }

  /** Resolves when the sinks without which calls are refused have taken their first record, or failed to. */
  async ready(): Promise<void> {
    const needed = this.queues.filter(({ onFull }) => onFull === 'refuse');
    await Promise.all(needed.map((queue) => queue.ready()));
  }

  /**
   * @param caller fields that the record has in addition
   * @param weight `optional` for a record that crowded queues miss
   * @returns whether all queues have taken it
   */
  record(fields: AuditFields, caller?: RecordedCaller, weight?: Weight): boolean {
    if (this.#closed) return false; // nothing follows the last record of a chain
    const time = this.#today(); // may begin another chain
    const line = this.#chain.add(fields, time, caller);
    let isTaken = true;
    for (const queue of this.queues) isTaken = queue.add(line, weight) && isTaken;
    return isTaken;
  }

  /** Begins the chain of a new day, also if nothing is to be recorded. Otherwise, the chain of the last busy day stays open. */
  beginDay(): void {
    if (!this.#closed) this.#today();
  }

  /** Records how many records a sink has missed, unless the chain says so already. */
  recordMissed(sink: string): void {
    if (this.#closed) return;
    const time = this.#today();
    for (const queue of this.queues) if (queue.name === sink) this.#addMissed(queue, time, [queue]);
  }

  /** Closes the chain and all sinks. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#end(this.now());
    await Promise.all(this.queues.map((queue) => queue.close()));
  }

  /** Returns the time, after the chain of its day has begun. */
  #today(): number {
    const time = this.now();
    if (dayOf(time) !== this.#day) this.#turn(time);
    return time;
  }

  #turn(time: number): void {
    this.#end(time);
    const { id: chain, head: hash } = this.#chain;
    this.#chain = new Chain(this.instance, time);
    this.#day = dayOf(time);
    this.#open(time, { chain, hash });
  }

  #open(time: number, previous?: AuditFields['previous']): void {
    this.#addNeeded({ event: 'chain.opened', outcome: 'success', previous }, time);
  }

  /** Ends the chain. It says itself what is missing from it, also if a sink has not recovered by its end. */
  #end(time: number): void {
    for (const queue of this.queues) this.#addMissed(queue, time, this.queues);
    this.#addNeeded({ event: 'chain.closed', outcome: 'success', count: this.#chain.length + 1 }, time);
  }

  /** @param neededBy full queues that take the record too; in others it can be missed like any other */
  #addMissed(queue: SinkQueue, time: number, neededBy: readonly SinkQueue[]): void {
    const { count, after } = queue.takeMissed();
    if (count === 0) return;
    const common = { event: 'records.missed', outcome: 'failure', sink: queue.name } as const;
    this.#addNeeded({ ...common, count, after: after.slice(0, MAX_AFTER) }, time, neededBy);
    for (let first = MAX_AFTER; first < after.length; first += MAX_AFTER)
      this.#addNeeded({ ...common, count: 0, after: after.slice(first, first + MAX_AFTER) }, time, neededBy);
  }

  #addNeeded(fields: AuditFields, time: number, neededBy = this.queues): void {
    const line = this.#chain.add(fields, time);
    for (const queue of this.queues) queue.add(line, neededBy.includes(queue) ? 'needed' : 'usual');
  }
}
