import { Busiest } from './busiest.js';

describe('Busiest', () => {
  let now: number;
  let busiest: Busiest;
  beforeEach(() => {
    now = 0;
    busiest = new Busiest(() => now);
  });
  const add = (key: string, times: number): void => {
    for (let time = 0; time < times; time++) busiest.add(key);
  };

  it('tells the number of events of the busiest key, once the minute is over', () => {
    add('a', 3);
    add('b', 5);
    expect(busiest.events).toBe(0);
    now = 60_000;
    expect(busiest.events).toBe(5);
    add('a', 2);
    now = 120_000;
    expect(busiest.events).toBe(2);
  });

  it('tells nothing of an earlier minute', () => {
    add('a', 3);
    now = 180_000;
    expect(busiest.events).toBe(0);
    add('a', 1);
    now = 240_000;
    expect(busiest.events).toBe(1);
    now = 300_000;
    expect(busiest.events).toBe(0);
  });

  it('finds a busy key among more keys than it counts, also when the busy one comes last', () => {
    for (let key = 0; key < 5_000; key++) busiest.add(`stranger ${key}`);
    add('busy', 500);
    for (let key = 5_000; key < 10_000; key++) busiest.add(`stranger ${key}`);
    now = 60_000;
    expect(busiest.events).toBeGreaterThanOrEqual(500 - 10_500 / 1_000);
    expect(busiest.events).toBeLessThanOrEqual(500);
  });
});
