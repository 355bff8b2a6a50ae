import { Turns } from './turns.js';

let now: number;
/** Lets time pass without a round of the event loop. */
const busy = (milliseconds: number): void => void (now += milliseconds);
/** Runs one round of the event loop. */
const round = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

describe('Turns', () => {
  let turns: Turns;
  let begun: string[];
  const work = (name: string, milliseconds: number): (() => void) => {
    const own = begun;
    return () => {
      if (own !== begun) return; // left over from an earlier test
      own.push(name);
      busy(milliseconds);
    };
  };
  beforeEach(() => {
    now = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => now);
    turns = new Turns();
    begun = [];
  });

  it('are free until work has used a millisecond of the round', async () => {
    expect(turns.isFree).toBe(true);
    busy(2);
    expect(turns.isFree).toBe(false);
    await round();
    await round();
    expect(turns.isFree).toBe(true);
  });

  it('begin as much work per round as the time allows', async () => {
    for (let index = 0; index < 5; index++) turns.add('a', 'x', work(`long${index}`, 2));
    await round();
    expect(begun).toEqual(['long0']);
    expect(turns.waiting).toBe(4);
    await round();
    expect(begun).toEqual(['long0', 'long1']);
  });

  it('begin several short pieces of work in one round', async () => {
    for (let index = 0; index < 5; index++) turns.add('a', 'x', work(`${index}`, 0));
    await round();
    expect(begun).toHaveLength(5);
  });

  it('count the time of microtasks that work schedules', async () => {
    const beginLater = (name: string): void =>
      turns.add('a', 'x', () => void Promise.resolve().then(work(name, 2)));
    ['a', 'b', 'c'].forEach(beginLater);
    await round();
    expect(begun).toEqual(['a']);
  });

  it('serve an organization with little work before the backlog of another', async () => {
    for (let index = 0; index < 100; index++) turns.add('greedy', `${index}`, work('greedy', 2));
    await round();
    turns.add('modest', 'x', work('modest', 0));
    for (let rounds = 0; rounds < 5; rounds++) await round();
    expect(begun).toContain('modest');
    expect(begun.length).toBeLessThan(20);
  });

  it('leave some rounds to new connections, but not all', async () => {
    turns.add('a', 'x', work('a', 0));
    turns.connected();
    await round();
    expect(begun).toEqual([]);
    await round();
    expect(begun).toEqual(['a']);
    turns.add('a', 'x', work('b', 0));
    let rounds = 0;
    for (; begun.length < 2; rounds++) {
      turns.connected();
      await round();
    }
    expect(rounds).toBeGreaterThan(10);
    expect(rounds).toBeLessThan(100);
  });

  it('leave only a few milliseconds to new connections', async () => {
    turns.add('a', 'x', work('a', 0));
    let rounds = 0;
    for (; begun.length < 1; rounds++) {
      turns.connected();
      busy(3);
      await round();
    }
    expect(rounds).toBeGreaterThan(1);
    expect(rounds).toBeLessThan(5);
  });
});
