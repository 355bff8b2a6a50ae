import { errorLines, kindsOf } from './error-lines.js';
import { verdict } from './verdict.js';

describe('the soak', () => {
  it('measures growth between the middle and the last third', () => {
    const samples = [90, 100, 111].flatMap((resident) =>
      Array.from({ length: 3 }, () => ({ minute: 1, resident: resident * 2 ** 20, heap: 0, p99: 1 })),
    );
    expect(verdict(samples, 1).map(({ value, isMet }) => [value, isMet])).toEqual([
      ['11.0 MB', false],
      ['1.00 and 1.00 ms', true],
      ['1', false],
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

  it('names each kind of error line once', () => {
    const lines = [
      '{"level":50,"time":1,"id":"8f2a-11","msg":"Redis"}',
      'Trace',
      '{"level":50,"time":22,"id":"07bc-9e","msg":"Redis"}',
    ];
    expect(kindsOf(lines)).toEqual([
      { example: lines[0], count: 2 },
      { example: 'Trace', count: 1 },
    ]);
  });
});
