import type { LineLog } from '../logging/line-log.js';
import { ObserverFaults } from './observer-faults.js';
import type { Observation, Observer } from './observer.js';

/**
 * Combines observers into one; undefined if there are none. A faulty observer affects neither requests nor the other
 * observers.
 *
 * @param log destination of the faults
 */
export function allObservers(observers: readonly Observer[], log: LineLog): Observer | undefined {
  if (observers.length === 0) return undefined;
  const faults = new ObserverFaults(log);
  const begun = <Ended>(
    begin: (observer: Observer) => Observation<Ended> | undefined,
  ): Observation<Ended> => {
    const observations: Observation<Ended>[] = [];
    for (const observer of observers) {
      const observation = faults.attempt(() => begin(observer));
      if (typeof observation?.end === 'function') observations.push(observation);
      else if (observation)
        faults.report(new TypeError('An observer returned an observation without end().'));
    }
    return all(observations, faults);
  };
  return {
    isAuditTrail: observers.some((observer) => faults.attempt(() => observer.isAuditTrail) === true),
    // An observer that cannot tell whether calls are recorded must not let them pass unrecorded.
    get refusesCalls() {
      return observers.some((observer) => faults.attempt(() => observer.refusesCalls === true) ?? true);
    },
    request: (request) => begun((observer) => observer.request?.(request)),
    call: (call) => begun((observer) => observer.call?.(call)),
    onElicited: (call, elicitation) =>
      observers.forEach((observer) => faults.attempt(() => observer.onElicited?.(call, elicitation))),
    onTokenIssued: (token) =>
      observers.forEach((observer) => faults.attempt(() => observer.onTokenIssued?.(token))),
    onUnexpectedError: (error, call) =>
      observers.forEach((observer) => faults.attempt(() => observer.onUnexpectedError?.(error, call))),
  };
}

function all<Ended>(observations: readonly Observation<Ended>[], faults: ObserverFaults): Observation<Ended> {
  const logFields = merged(observations, faults);
  const end = (ended: Ended): void => {
    for (const observation of observations) faults.attempt(() => observation.end(ended));
  };
  const running = observations.filter((observation) => faults.attempt(() => 'run' in observation));
  // Work that nothing observes from within is not wrapped, which would cost as much as a metric.
  if (running.length === 0) return { logFields, end };
  const run = <Result>(work: () => Result): Result =>
    running.reduceRight((inner, observation) => () => runWithin(observation, inner, faults), work)();
  return { logFields, run, end };
}

/** Runs work within an observation, but exactly once and with its own outcome, whatever the observation does. */
function runWithin<Result>(
  observation: Observation<never>,
  work: () => Result,
  faults: ObserverFaults,
): Result {
  let outcome: { readonly result: Result } | { readonly error: unknown } | undefined;
  const once = (): Result => {
    outcome ??= outcomeOf(work);
    if ('error' in outcome) throw outcome.error;
    return outcome.result;
  };
  try {
    observation.run?.(once);
  } catch (error) {
    if (!outcome || !('error' in outcome)) faults.report(error);
  }
  return once();
}

function outcomeOf<Result>(work: () => Result): { readonly result: Result } | { readonly error: unknown } {
  try {
    return { result: work() };
  } catch (error) {
    return { error };
  }
}

function merged(
  observations: readonly Observation<never>[],
  faults: ObserverFaults,
): Readonly<Record<string, string>> {
  let fields: Readonly<Record<string, string>> | undefined;
  for (const observation of observations) {
    const own = faults.attempt(() => observation.logFields);
    if (own) fields = fields ? { ...fields, ...own } : own;
  }
  return fields ?? {};
}
