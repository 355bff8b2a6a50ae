import { ByteBudget } from './byte-budget.js';

describe('a budget of bytes', () => {
  let budget: ByteBudget;
  beforeEach(() => {
    budget = new ByteBudget({ instance: 150, caller: 100 }, 10);
  });

  it('charges what is beyond the free bytes, to the caller and the instance', () => {
    const [one, other] = [budget.open('a'), budget.open('a')];
    expect(one.add(10)).toBeUndefined();
    expect(budget.taken).toBe(0);
    expect(one.add(60)).toBeUndefined();
    expect(budget.taken).toBe(60);
    expect(other.add(51)).toBe('caller');
    expect(other.add(50)).toBeUndefined();
    expect(budget.open('b').add(61)).toBe('instance');
    expect(budget.open('b').add(60)).toBeUndefined();
  });

  it('tells what can never be held from what may be later', () => {
    expect(budget.open('a').add(111)).toBe('never');
  });

  it('takes no memory for the number of changes', () => {
    const large = new ByteBudget({ instance: 1e9, caller: 1e9 }, 10).open('a');
    const before = process.memoryUsage().heapUsed;
    for (let byte = 0; byte < 1_000_000; byte++) large.add(1);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(30 * 1024 ** 2);
  });

  it('gives back what is released or no longer held', () => {
    const held = budget.open('a');
    held.add(110);
    held.resize(50);
    expect(budget.taken).toBe(40);
    held.release();
    held.release();
    expect(budget.taken).toBe(0);
  });
});
