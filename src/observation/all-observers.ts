import type { Request } from 'express';

import type { LineLog } from '../logging/line-log.js';
import { ObserverFaults } from './observer-faults.js';
import type { EndedCall, EndedRequest, Observation, ObservedCall, Observer } from './observer.js';

/**
 * Combines observers into one; undefined if there are none. A faulty observer affects neither requests nor the other
 * observers.
 *
 * @param log destination of the faults
 */
export function allObservers(observers: readonly Observer[], log: LineLog): Observer | undefined {
  if (observers.length === 0) return undefined;
  const faults = new ObserverFaults(log);
  const begun = <Subject, Ended>(
    begin: (observer: Observer, subject: Subject) => Observation<Ended> | undefined,
    subject: Subject,
  ): Observation<Ended> => {
    const all = new AllObservations<Ended>(faults);
    for (const observer of observers) {
      try {
        all.add(begin(observer, subject));
      } catch (error) {
        faults.report(error);
      }
    }
    return all;
  };
  return {
    isAuditTrail: observers.some((observer) => faults.attempt(() => observer.isAuditTrail) === true),
    hasMetrics: observers.some((observer) => faults.attempt(() => observer.hasMetrics) === true),
    // An observer that cannot tell whether calls are recorded must not let them pass unrecorded.
    get refusesCalls() {
      return observers.some((observer) => faults.attempt(() => observer.refusesCalls === true) ?? true);
    },
    get hasRecorded() {
      return observers.every((observer) => faults.attempt(() => observer.hasRecorded !== false) ?? true);
    },
    request: (request) => begun(beginRequest, request),
    call: (call) => begun(beginCall, call),
    onElicited: (call, elicitation) =>
      observers.forEach((observer) => faults.attempt(() => observer.onElicited?.(call, elicitation))),
    onTokenIssued: (token) =>
      observers.forEach((observer) => faults.attempt(() => observer.onTokenIssued?.(token))),
    onTokenRefused: (refusal) =>
      observers.forEach((observer) => faults.attempt(() => observer.onTokenRefused?.(refusal))),
    onRevocation: (change) =>
      observers.forEach((observer) => faults.attempt(() => observer.onRevocation?.(change))),
    onUnexpectedError: (error, call) =>
      observers.forEach((observer) => faults.attempt(() => observer.onUnexpectedError?.(error, call))),
  };
}

const beginRequest = (observer: Observer, request: Request): Observation<EndedRequest> | undefined =>
  observer.request?.(request);

const beginCall = (observer: Observer, call: ObservedCall): Observation<EndedCall> | undefined =>
  observer.call?.(call);

/** Observations of one request or call. It creates as few objects as possible, because it is part of each of them. */
class AllObservations<Ended> implements Observation<Ended> {
  logFields: Readonly<Record<string, string>> | undefined;
  isLogged = false;
  /** Undefined if nothing observes from within, because wrapping the work would cost as much as a metric. */
  run: Observation<Ended>['run'] | undefined;
  readonly #observations: Observation<Ended>[] = [];
  /** The ones that observe from within. */
  readonly #running: Observation<Ended>[] = [];

  constructor(private readonly faults: ObserverFaults) {}

  /** @throws what the observation throws; it is observed nevertheless */
  add(observation: Observation<Ended> | undefined): void {
    if (!observation) return;
    if (typeof observation.end !== 'function') {
      this.faults.watch(observation);
      throw new TypeError('An observer returned an observation without end().');
    }
    this.#observations.push(observation);
    if ('run' in observation) {
      this.#running.push(observation);
      this.run ??= (work) => this.#runWithinAll(work);
    }
    const own = observation.logFields;
    if (own) this.logFields = { ...this.logFields, ...own };
  }

  end(ended: Ended): void {
    for (const observation of this.#observations) {
      try {
        this.faults.watch(observation.end(ended));
        this.isLogged ||= observation.isLogged === true;
      } catch (error) {
        this.faults.report(error);
      }
    }
  }

  #runWithinAll<Result>(work: () => Result): Result {
    return this.#running.reduceRight(
      (inner, observation) => () => runWithin(observation, inner, this.faults),
      work,
    )();
  }
}

/** Result of work, or what it threw. */
type Outcome<Result> = { readonly result: Result } | { readonly error: unknown };

/** Runs work within an observation, but exactly once and with its own outcome, whatever the observation does. */
function runWithin<Result>(
  observation: Observation<never>,
  work: () => Result,
  faults: ObserverFaults,
): Result {
  let outcome: Outcome<Result> | undefined;
  const once = (): Result => {
    outcome ??= outcomeOf(work);
    if ('error' in outcome) throw outcome.error;
    return outcome.result;
  };
  let returned: unknown;
  try {
    returned = observation.run?.(once);
  } catch (error) {
    if (!outcome || !('error' in outcome)) faults.report(error);
  }
  try {
    return once();
  } finally {
    if (returned instanceof Promise) watchRun(returned, outcome, faults);
  }
}

function outcomeOf<Result>(work: () => Result): Outcome<Result> {
  try {
    return { result: work() };
  } catch (error) {
    return { error };
  }
}

/** Reports the rejection of an async `run`, unless it passes on an error of the work. It would stop the process. */
function watchRun(
  returned: Promise<unknown>,
  outcome: Outcome<unknown> | undefined,
  faults: ObserverFaults,
): void {
  if (outcome && 'result' in outcome && outcome.result === returned) return;
  returned.catch(async (error: unknown) => {
    if (error !== (await errorOf(outcome))) faults.report(error);
  });
}

/** Waits for the outcome of work, and returns its error; undefined if there is none. */
async function errorOf(outcome: Outcome<unknown> | undefined): Promise<unknown> {
  if (!outcome) return undefined;
  if ('error' in outcome) return outcome.error;
  return Promise.resolve(outcome.result).then(
    () => undefined,
    (error: unknown) => error,
  );
}
