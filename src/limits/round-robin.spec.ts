import { getHeapSpaceStatistics } from 'node:v8';

import { RoundRobin } from './round-robin.js';

describe('RoundRobin', () => {
  const take = (queue: RoundRobin<string>, count: number): string =>
    Array.from({ length: count }, () => queue.take() ?? '-').join(' ');

  it('alternates between groups, and between the members of a group', () => {
    const queue = new RoundRobin<string>();
    for (const item of ['a1', 'a2', 'a3', 'a4']) queue.add('a', 'x', item);
    queue.add('a', 'y', 'A1');
    for (const item of ['b1', 'b2']) queue.add('b', 'x', item);
    expect(queue.size).toBe(7);
    expect(take(queue, 8)).toBe('a1 b1 A1 b2 a2 a3 a4 -');
    expect(queue.size).toBe(0);
  });

  it('serves a new group before groups that wait', () => {
    const queue = new RoundRobin<string>();
    for (const item of ['a1', 'a2', 'a3']) queue.add('a', 'x', item);
    for (const item of ['b1', 'b2', 'b3']) queue.add('b', 'x', item);
    expect(take(queue, 2)).toBe('a1 b1');
    queue.add('c', 'x', 'c1');
    expect(take(queue, 2)).toBe('c1 a2');
  });

  it('serves waiting groups before a group that returns at once', () => {
    const queue = new RoundRobin<string>();
    for (const item of ['a1', 'a2', 'a3']) queue.add('a', 'x', item);
    queue.take();
    const taken: string[] = [];
    for (let turn = 0; turn < 4; turn++) {
      queue.add('b', 'x', `b${turn}`);
      taken.push(queue.take() ?? '');
    }
    expect(taken).toEqual(['b0', 'a2', 'b1', 'a3']);
  });

  it('serves a group that returns after a turn without an item before groups that wait', () => {
    const queue = new RoundRobin<string>();
    for (const group of ['a', 'c']) {
      for (let item = 0; item < 6; item++) queue.add(group, 'x', `${group}${item}`);
    }
    queue.take();
    queue.add('b', 'x', 'b0');
    expect(take(queue, 5)).toBe('c0 b0 a1 c1 a2'); // before a2, it was the turn of b
    queue.add('b', 'x', 'b1');
    expect(take(queue, 3)).toBe('b1 c2 a3');
  });

  it('treats a group as new again once the queue was empty', () => {
    const queue = new RoundRobin<string>();
    queue.add('b', 'x', 'b0');
    queue.take();
    for (const item of ['a1', 'a2']) queue.add('a', 'x', item);
    queue.take();
    queue.add('b', 'x', 'b1');
    expect(take(queue, 2)).toBe('b1 a2');
  });

  it('keeps the order of the items of thousands of groups and members', () => {
    const queue = new RoundRobin<string>();
    const names = Array.from({ length: 3_000 }, (_, index) => String(index));
    for (let round = 0; round < 2; round++) {
      for (const name of names) queue.add(name, 'x', `${name} x`);
      for (const name of names) queue.add('0', name, `0 ${name}`);
      expect(queue.size).toBe(6_000);
      const taken = Array.from({ length: 6_000 }, () => queue.take());
      // Each group once, and then what the first one has left.
      expect(taken).toEqual([...names.map((name) => `${name} x`), ...names.map((name) => `0 ${name}`)]);
      expect(queue.take()).toBeUndefined();
    }
  });

  it('serves a group that returns after its turn like the others, even if it has a new member each time', () => {
    const queue = new RoundRobin<string>();
    for (let index = 0; index < 2_000; index++) queue.add('a', `m${index}`, `a${index}`);
    queue.take();
    const taken: string[] = [];
    for (let turn = 0; turn < 6; turn++) {
      queue.add('b', `m${turn}`, `b${turn}`);
      taken.push(queue.take() ?? '');
    }
    expect(taken).toEqual(['b0', 'a1', 'b1', 'a2', 'b2', 'a3']);
  });

  it('leaves no garbage that only a full collection removes', () => {
    const queue = new RoundRobin<object>();
    const serve = (count: number): number => {
      const before = oldBytes();
      for (let number = 0; number < count; number++) {
        queue.add('org_1', 'usr_1', { number });
        if (queue.size > 8) queue.take();
      }
      return (oldBytes() - before) / count;
    };
    serve(10);
    let garbage: object | undefined;
    for (let index = 0; index < 4_000_000; index++) garbage = { index, garbage: [index] };
    expect(garbage).toBeDefined();
    // The queue has survived enough collections to be old itself. A full collection may fall into one of the periods.
    const perItem = Array.from({ length: 10 }, () => serve(50_000));
    expect(Math.max(...perItem)).toBeLessThan(10);
  });
});

/** Bytes in use in the old space, which only a full collection frees. */
const oldBytes = (): number =>
  getHeapSpaceStatistics().find((space) => space.space_name === 'old_space')?.space_used_size ?? NaN;
