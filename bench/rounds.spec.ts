import { readOptions } from './options.js';
import { roundsWithStart } from './rounds.js';

describe('the starts of a run', () => {
  it.each([
    [15, 3, [1, 6, 11]],
    [13, 3, [1, 5, 9]],
    [5, 4, [1, 2, 3, 4]],
    [3, 3, [1, 2, 3]],
  ])('of %d rounds are as many as requested', (rounds, starts, first) => {
    expect([...roundsWithStart({ rounds, starts })]).toEqual(first);
  });

  it('are refused if there are more than rounds', () => {
    expect(() => readOptions(['--rounds', '2', '--starts', '3'])).toThrow(
      '--starts 3 is more than --rounds 2',
    );
    expect(readOptions(['--rounds', '2']).starts).toBe(2);
  });
});
