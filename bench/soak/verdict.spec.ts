import { errorLines } from './error-lines.js';
import { verdict } from './verdict.js';

describe('the soak', () => {
  it('measures growth between the middle and the last third', () => {
    const samples = [90, 100, 110].flatMap((resident) =>
      Array.from({ length: 3 }, () => ({ minute: 1, resident: resident * 2 ** 20, heap: 0, p99: 1 })),
    );
    expect(verdict(samples, ['x']).lines.map(({ value }) => value)).toEqual([
      '10.0 MB',
      '1.00 and 1.00 ms',
      '1',
    ]);
  });

  it('finds errors and lines that are no JSON in a log', () => {
    const lines = [
      '{"level":30,"msg":"request"}',
      '{"level":50,"msg":"call"}',
      '{"level":"error"}',
      'Trace',
      '',
    ];
    expect(errorLines(lines.join('\n'))).toEqual(lines.slice(1, 4));
  });
});
