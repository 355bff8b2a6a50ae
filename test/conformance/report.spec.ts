import { describe as inWords, holds, summary } from './report.js';
import type { Check, Scenario } from './scenarios.js';
import type { Outcome } from './suite.js';

const scenario = (name: string, status: Check['status'] = 'SUCCESS', unscored?: string): Scenario => ({
  name,
  checks: [{ id: `${name}-check`, status, description: 'It looks at something.' }],
  unscored,
});

const outcome = (
  scenarios: readonly Scenario[],
  failing: readonly string[] = [],
  exitCode = failing.length > 0 ? 1 : 0,
): Outcome => ({
  run: { title: 'a run', suite: 'conformance-0.1', parameters: [], environment: {}, failing },
  scenarios,
  exitCode,
  errors: '',
  milliseconds: 1_000,
});

describe('a conformance run', () => {
  it.each<[string, Outcome]>([
    ['every scored scenario passes', outcome([scenario('a'), scenario('b')])],
    ['only what is not scored fails', outcome([scenario('a'), scenario('b', 'FAILURE', 'extension')])],
    ['exactly what is listed fails', outcome([scenario('a'), scenario('b', 'FAILURE')], ['b'])],
    ['there are warnings', outcome([scenario('a', 'WARNING')])],
  ])('holds where %s', (_when, result) => {
    expect(holds(result)).toBe(true);
    expect(summary([result], 1)).toContain('Conformance holds.');
  });

  it.each<[string, Outcome]>([
    ['a scenario fails', outcome([scenario('a'), scenario('b', 'FAILURE')])],
    ['what is listed as failing passes', outcome([scenario('a'), scenario('b')], ['b'])],
    ['another fails than is listed', outcome([scenario('a', 'FAILURE'), scenario('b')], ['b'])],
    ['nothing ran', outcome([])],
    ['the suite says otherwise', outcome([scenario('a')], [], 1)],
  ])('does not hold where %s', (_when, result) => {
    expect(holds(result)).toBe(false);
    expect(summary([outcome([scenario('z')]), result], 2)).toContain('Conformance FAILS.');
  });

  it('fails if one of several runs breaks off', () => {
    expect(summary([outcome([scenario('a')])], 2)).toContain('Conformance FAILS.');
  });

  it('lists failures with their reasons', () => {
    const text = inWords(outcome([scenario('a', 'FAILURE'), scenario('b', 'FAILURE', 'extension')]));
    expect(text).toContain('FAILS: a: a-check: It looks at something.');
    expect(text).toContain('not scored (extension), fails: b: b-check');
  });

  it('counts results', () => {
    const listed = outcome([scenario('a', 'FAILURE'), scenario('b', 'SUCCESS', 'pending')], ['a']);
    expect(summary([outcome([scenario('c')]), listed], 2).split('\n')).toEqual([
      'Conformance holds. Scenarios: 1 passed, 1 failed as expected, 1 not scored (0 fail). Checks: 2 passed, 1 failed.',
      expect.stringMatching(/^Not scored: extensions/),
    ]);
    expect(summary([outcome([scenario('c', 'FAILURE')])], 1)).toContain('1 failed (expected: 0)');
  });
});
