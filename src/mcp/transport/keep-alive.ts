import type { ServerResponse } from 'node:http';

/** Seconds between two signs of life on a silent stream. Proxies close silent connections after a minute. */
const INTERVAL = 15;

/** Something that gets a turn once per interval. */
export interface Beating {
  beat(): void;
}

/**
 * A ring of what gets its turn in the same second, linked to its head. Not a Set: one that changes with every call
 * leaves tables behind that keep all calls alive until the next full collection of garbage.
 */
class Ring {
  previous: Ring = this;
  next: Ring = this;

  constructor(readonly beating?: Beating) {}

  get isEmpty(): boolean {
    return this.next === this;
  }

  /** Adds something. Call the result to remove it. */
  add(beating: Beating): () => void {
    const link = new Ring(beating);
    link.#join(this.previous, this);
    return () => link.#leave();
  }

  beat(): void {
    const links: Ring[] = [];
    for (let link = this.next; link !== this; link = link.next) links.push(link);
    for (const { beating } of links) beating?.beat();
  }

  #join(previous: Ring, next: Ring): void {
    this.previous = previous;
    this.next = next;
    previous.next = this;
    next.previous = this;
  }

  #leave(): void {
    this.previous.next = this.next;
    this.next.previous = this.previous;
    this.previous = this;
    this.next = this;
  }
}

/** One ring per second of the interval: writing to thousands of streams at once would stop everything else. */
const turns = Array.from({ length: INTERVAL }, () => new Ring());
let now = 0;
let next = 0;
let timer: NodeJS.Timeout | undefined;

/** Writes a comment to an event stream in each interval, until the stream is closed. */
export function keepAlive(response: ServerResponse): void {
  if (response.closed) return;
  const stop = join(next++ % INTERVAL, {
    beat: () => {
      if (!response.writableEnded) response.write(': keepalive\n\n');
    },
  });
  response.once('close', stop);
}

/**
 * Calls `beat` each time that a whole interval has passed. Costs no timer: call the result to stop.
 *
 * @returns a function that stops the calls
 */
export function onEachInterval(beating: Beating): () => void {
  return join(now, beating); // the turn that has just passed is the one that comes last
}

function join(second: number, beating: Beating): () => void {
  timer ??= setInterval(beatNext, 1_000).unref();
  return turns[second]?.add(beating) ?? (() => {});
}

function beatNext(): void {
  now = (now + 1) % INTERVAL;
  turns[now]?.beat();
  if (!turns.every(({ isEmpty }) => isEmpty)) return;
  clearInterval(timer);
  timer = undefined;
}
