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
  };
}

const all = <Ended>(observations: readonly Observation<Ended>[]): Observation<Ended> => ({
  logFields: Object.fromEntries(observations.flatMap(({ logFields = {} }) => Object.entries(logFields))),
  run: <Result>(work: () => Result): Result =>
    observations.reduceRight(
      (inner, observation) => () => (observation.run ? observation.run(inner) : inner()),
      work,
    )(),
  end: (ended) => observations.forEach((observation) => observation.end(ended)),
});
