import type { Observation, Observer } from './observer.js';

/** Combines observers into one; undefined if there are none. */
export function allObservers(observers: readonly Observer[]): Observer | undefined {
  const [first, ...others] = observers;
  if (!first || others.length === 0) return first;
  return {
    get refusesCalls() {
      return observers.some(({ refusesCalls = false }) => refusesCalls);
    },
    request: (request) => all(observers.flatMap((observer) => observer.request?.(request) ?? [])),
    call: (call) => all(observers.flatMap((observer) => observer.call?.(call) ?? [])),
    onUnexpectedError: (error, call) =>
      observers.forEach((observer) => observer.onUnexpectedError?.(error, call)),
  };
}

const all = <Ended>(observations: readonly Observation<Ended>[]): Observation<Ended> => ({
  logFields: merged(observations),
  run: <Result>(work: () => Result): Result =>
    observations.reduceRight(
      (inner, observation) => () => (observation.run ? observation.run(inner) : inner()),
      work,
    )(),
  end: (ended) => observations.forEach((observation) => observation.end(ended)),
});

function merged(observations: readonly Observation<never>[]): Readonly<Record<string, string>> {
  let fields: Readonly<Record<string, string>> | undefined;
  for (const { logFields } of observations) {
    if (logFields) fields = fields ? { ...fields, ...logFields } : logFields;
  }
  return fields ?? {};
}
