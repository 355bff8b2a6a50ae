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
});
