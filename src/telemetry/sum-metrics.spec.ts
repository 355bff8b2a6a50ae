import { sumMetrics } from './sum-metrics.js';

const text = (calls: number, delay: number, further = ''): string =>
  [
    '# HELP calls_total Calls',
    '# TYPE calls_total counter',
    `calls_total{tool="a b"} ${calls}`,
    `nodejs_eventloop_delay_p99 ${delay}`,
    `aerie_signing_keys_age{issuer="a b"} ${delay}`,
    `aerie_revocations_age ${delay}`,
    `aerie_revocations ${delay}`,
    `aerie_audit_waiting ${delay}`,
    `aerie_audit_limit ${delay}`,
    `aerie_calls_utilization ${delay}`,
    `aerie_audit_missed_total ${calls}`,
    further,
  ].join('\n');

describe('sumMetrics', () => {
  it('adds values by series, and keeps the largest delay, age, list, queue and share', () => {
    expect(sumMetrics([text(1, 0.5), text(2, 0.25), text(4, 0.125, 'calls_total{tool="c"} 8\n')])).toBe(
      text(7, 0.5, 'calls_total{tool="c"} 8\n'),
    );
  });

  it('keeps the series of a metric together, also one that only a later process has', () => {
    const metric = (name: string, ...series: string[]): string =>
      [`# HELP ${name} Text`, `# TYPE ${name} counter`, ...series, ''].join('\n');
    const first = metric('a', 'a{tool="x"} 1') + metric('b', 'b 1');
    const second = metric('a', 'a{tool="y"} 2') + metric('b', 'b 2');
    expect(sumMetrics([first, second])).toBe(
      metric('a', 'a{tool="x"} 1', 'a{tool="y"} 2') + metric('b', 'b 3'),
    );
  });

  it('returns the text of a single process as it is, and nothing for none', () => {
    expect(sumMetrics([text(1, 0.5)])).toBe(text(1, 0.5));
    expect(sumMetrics([])).toBe('');
  });
});
