import type { ServerResponse } from 'node:http';

/** Interval of keep-alive comments on a silent stream. Proxies close silent connections after a minute. */
const INTERVAL_SECONDS = 15;

/** Object that is called once per interval. */
export interface Beating {
  beat(): void;
}

/**
 * Ring of objects that are called in the same second, linked to its head. A Set that changes with every call would
 * leave tables behind that keep all calls in memory until the next full garbage collection.
 */
class Ring {
  previous: Ring = this;
  next: Ring = this;

  constructor(readonly beating?: Beating) {}

  get isEmpty(): boolean {
    return this.next === this;
  }

  /** Adds an object. Returns a function that removes it. */
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

/** Rings for each second of the interval. Writing to thousands of streams at once would block everything else. */
const turns = Array.from({ length: INTERVAL_SECONDS }, () => new Ring());
let now = 0;
let next = 0;
let timer: NodeJS.Timeout | undefined;

/** Writes a comment to an event stream in each interval, until the stream is closed. */
export function keepAlive(response: ServerResponse): void {
  if (response.closed) return;
  const stop = join(next++ % INTERVAL_SECONDS, {
    beat: () => {
      if (!response.writableEnded) response.write(': keepalive\n\n');
    },
  });
  response.on('close', stop);
}

/**
 * Calls `beat` after each full interval, without a timer of its own.
 *
 * @returns a function that stops the calls
 */
export function onEachInterval(beating: Beating): () => void {
  return join(now, beating); // the second that has just passed comes last
}

function join(second: number, beating: Beating): () => void {
  timer ??= setInterval(beatNext, 1_000).unref();
  return turns[second]?.add(beating) ?? (() => {});
}

function beatNext(): void {
  now = (now + 1) % INTERVAL_SECONDS;
  turns[now]?.beat();
  if (!turns.every(({ isEmpty }) => isEmpty)) return;
  clearInterval(timer);
  timer = undefined;
}
