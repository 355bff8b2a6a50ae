import { Slots } from './slots.js';

describe('Slots', () => {
  it('finds each item by its number until the item is deleted', () => {
    const slots = new Slots<string>();
    const [one, two] = [slots.add('one'), slots.add('two')];
    slots.delete(one);
    slots.delete(one);
    expect([slots.get(one), slots.get(two)]).toEqual([undefined, 'two']);
  });

  it('finds nothing under other numbers', () => {
    const slots = new Slots<string>();
    const number = slots.add('one');
    for (const other of [0, -64, number + 64, 0.5, Number.NaN, String(number), undefined]) {
      expect(slots.get(other)).toBeUndefined();
    }
  });

  it('never reuses a number, even with many items and long-lived ones', () => {
    const slots = new Slots<number>();
    const staying = Array.from({ length: 50 }, (_none, index) => slots.add(index));
    const numbers = new Set(staying);
    for (let index = 0; index < 1_000; index++) {
      const number = slots.add(index);
      numbers.add(number);
      slots.delete(number);
    }
    const many = Array.from({ length: 1_000 }, (_none, index) => slots.add(index));
    many.forEach((number) => numbers.add(number));
    expect(numbers.size).toBe(2_050);
    expect(staying.map((number) => slots.get(number))).toEqual(staying.map((_number, index) => index));
    expect(many.map((number) => slots.get(number))).toEqual(many.map((_number, index) => index));
  });
});
