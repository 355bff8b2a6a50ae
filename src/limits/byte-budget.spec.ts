import { ByteBudget, type Payer } from './byte-budget.js';

const of = (caller: string, group = 'organization'): Payer => ({ caller, group });

describe('ByteBudget', () => {
  let budget: ByteBudget;
  beforeEach(() => {
    budget = new ByteBudget({ instance: 150, caller: 100 }, 10);
  });

  it('charges bytes beyond the free ones to the caller and to the instance', () => {
    const [one, other] = [budget.open(of('a')), budget.open(of('a'))];
    expect(one.add(10)).toBeUndefined();
    expect(budget.taken).toBe(0);
    expect(one.add(60)).toBeUndefined();
    expect(budget.taken).toBe(60);
    expect(other.add(51)).toBe('caller');
    expect(other.add(50)).toBeUndefined();
    expect(budget.open(of('b')).add(61)).toBe('instance');
    expect(budget.open(of('b')).add(60)).toBeUndefined();
  });

  it('refuses more bytes than the maximum with "never"', () => {
    expect(budget.open(of('a')).add(111)).toBe('never');
  });

  it('uses the same memory however often the size changes', () => {
    const large = new ByteBudget({ instance: 1e9, caller: 1e9 }, 10).open(of('a'));
    const before = process.memoryUsage().heapUsed;
    for (let byte = 0; byte < 1_000_000; byte++) large.add(1);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(30 * 1024 ** 2);
  });

  it('lets holders shrink below a limit that was lowered, and refuses for good what can never fit', () => {
    const held = budget.open(of('a'));
    held.add(110);
    budget.setLimits({ caller: 20, instance: 20 });
    expect(held.resize(100)).toBeUndefined();
    expect(held.resize(105)).toBe('never');
    expect(budget.taken).toBe(90);
  });

  it('frees bytes on resize and on release', () => {
    const held = budget.open(of('a'));
    held.add(110);
    held.resize(50);
    expect(budget.taken).toBe(40);
    held.release();
    held.release();
    expect(budget.taken).toBe(0);
  });

  it('keeps a reserve for organizations that hold little', () => {
    budget = new ByteBudget({ instance: 1_000, caller: 500 }, 0);
    for (const caller of ['a', 'b']) expect(budget.open(of(caller)).add(500)).toBeUndefined();
    expect(budget.open(of('c')).add(1)).toBe('instance');
    expect(budget.open(of('d', 'second')).add(91)).toBe('instance');
    expect(budget.open(of('d', 'second')).add(90)).toBeUndefined();
    expect(budget.open(of('e', 'second')).add(1)).toBe('instance');
    expect(budget.open(of('f', 'third')).add(9)).toBeUndefined();
    expect(budget.taken).toBe(1_099);
  });

  it('keeps the reserve while an organization takes more than the limit', () => {
    budget = new ByteBudget({ instance: 1_000, caller: 500 }, 0);
    for (const caller of ['a', 'b']) expect(budget.open(of(caller)).add(500)).toBeUndefined();
    const overdrawn = budget.open(of('c'));
    expect([overdrawn.add(500), overdrawn.overdraw(500)]).toEqual(['instance', true]);
    expect(budget.open(of('d', 'second')).add(91)).toBe('instance');
    expect(budget.open(of('d', 'second')).add(90)).toBeUndefined();
    expect(budget.open(of('e')).overdraw(501)).toBe(false);
    overdrawn.release();
    expect(budget.taken).toBe(1_090);
    expect(budget.open(of('f', 'third')).add(10)).toBe('instance');
    expect(budget.open(of('f', 'third')).add(9)).toBeUndefined();
  });

  it('lets organizations of the same size take the whole limit', () => {
    budget = new ByteBudget({ instance: 1_000, caller: 500 }, 0);
    for (const group of ['first', 'second']) {
      expect(budget.open(of(group, group)).add(500)).toBeUndefined();
    }
    expect(budget.taken).toBe(1_000);
  });
});
