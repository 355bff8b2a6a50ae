import { type Check, checksWith, fails, type Scenario } from './scenarios.js';
import type { Outcome } from './suite.js';

/** Whether a run has the expected result. */
export function holds({ run, scenarios, exitCode }: Outcome): boolean {
  const failing = scored(scenarios).filter((scenario) => fails(scenario));
  const isAsListed = namesOf(failing).join() === run.failing.toSorted().join();
  return scenarios.length > 0 && isAsListed && exitCode === (run.failing.length > 0 ? 1 : 0);
}

/** Whether all runs ended with the expected result. */
export function allHold(outcomes: readonly Outcome[], runs: number): boolean {
  return outcomes.length === runs && outcomes.every((outcome) => holds(outcome));
}

/** Describes a run: its counts and failures. */
export function describe(outcome: Outcome): string {
  const { run, scenarios, exitCode, errors, milliseconds } = outcome;
  const all = scored(scenarios);
  const passed = all.filter((scenario) => !fails(scenario));
  const expected = run.failing.length > 0 ? `, ${run.failing.length} fail as expected` : '';
  return [
    `${holds(outcome) ? 'holds' : 'FAILS'}: ${run.title} (${run.suite} ${run.parameters.join(' ')})`,
    `  ${passed.length} of ${all.length} scored scenarios pass${expected}; checks: ${count(scenarios, 'SUCCESS')} passed, ` +
      `${count(scenarios, 'FAILURE')} failed, ${count(scenarios, 'WARNING')} warnings; ${Math.round(milliseconds / 1000)} s`,
    ...all.filter((scenario) => fails(scenario)).flatMap((scenario) => failure(scenario, run.failing)),
    ...run.failing
      .filter((name) => namesOf(passed).includes(name))
      .map((name) => `  ${name}: passes, and is listed as failing`),
    ...scenarios
      .filter((scenario) => scenario.unscored !== undefined && fails(scenario))
      .map((scenario) => `  not scored (${scenario.unscored}), fails: ${scenario.name}: ${worst(scenario)}`),
    ...scenarios.flatMap((scenario) =>
      checksWith('WARNING', scenario).map((check) => `  warning: ${scenario.name}: ${inWords(check)}`),
    ),
    ...(holds(outcome) ? [] : [`  The suite ended with ${exitCode}. ${errors.slice(0, 2_000)}`]),
  ].join('\n');
}

/** Summarizes all runs in one line, with a second line on unscored scenarios. */
export function summary(outcomes: readonly Outcome[], runs: number): string {
  const scenarios = outcomes.flatMap((outcome) => outcome.scenarios);
  const failed = scored(scenarios).filter((scenario) => fails(scenario)).length;
  const expected = outcomes.reduce((sum, { run }) => sum + run.failing.length, 0);
  const unscored = scenarios.filter((scenario) => scenario.unscored !== undefined);
  return [
    `Conformance ${allHold(outcomes, runs) ? 'holds' : 'FAILS'}.`,
    `Scenarios: ${scored(scenarios).length - failed} passed, ${inTotal(failed, expected)},`,
    `${unscored.length} not scored (${unscored.filter((scenario) => fails(scenario)).length} fail).`,
    `Checks: ${count(scenarios, 'SUCCESS')} passed, ${count(scenarios, 'FAILURE')} failed.`,
  ]
    .join(' ')
    .concat(
      '\nNot scored: extensions, and scenarios added after a revision was released. No server must pass them.',
    );
}

const inTotal = (failed: number, expected: number): string =>
  failed === expected ? `${failed} failed as expected` : `${failed} failed (expected: ${expected})`;

const scored = (scenarios: readonly Scenario[]): Scenario[] =>
  scenarios.filter(({ unscored }) => unscored === undefined);

const namesOf = (scenarios: readonly Scenario[]): string[] => scenarios.map(({ name }) => name).toSorted();

const count = (scenarios: readonly Scenario[], status: Check['status']): number =>
  scenarios.reduce((sum, scenario) => sum + checksWith(status, scenario).length, 0);

function failure(scenario: Scenario, failing: readonly string[]): string[] {
  if (failing.includes(scenario.name)) return [`  fails as expected: ${scenario.name}`];
  return checksWith('FAILURE', scenario).map((check) => `  FAILS: ${scenario.name}: ${inWords(check)}`);
}

const worst = (scenario: Scenario): string =>
  checksWith('FAILURE', scenario).slice(0, 1).map(inWords).join('');

const inWords = ({ id, description, errorMessage = description }: Check): string => `${id}: ${errorMessage}`;
