import { within } from '../src/values/within.js';
import { print } from './print.js';

/** Failures of a run, which goes on with its other parts and keeps what it has measured. */
export class Failures {
  readonly #all: string[] = [];

  /** Failures so far, with the names of their parts. */
  get all(): readonly string[] {
    return this.#all;
  }

  /**
   * Runs a part of a run.
   *
   * @param limit time after which the part counts as failed, in seconds
   * @param work its signal fires when the part has ended, successful or not, so that nothing of it goes on
   * @returns undefined if the part fails
   */
  async attempt<Result>(
    name: string,
    limit: number,
    work: (ended: AbortSignal) => Promise<Result>,
  ): Promise<Result | undefined> {
    const ended = new AbortController();
    const late = (): Error => new Error(`It did not end within ${limit} s.`);
    try {
      return await within(limit * 1000, work(ended.signal), late);
    } catch (error) {
      this.add(name, error);
      return undefined;
    } finally {
      ended.abort();
    }
  }

  add(name: string, error: unknown): void {
    const failure = `${name}: ${reasonOf(error)}`;
    this.#all.push(failure);
    print(`FAILED  ${failure}`);
  }

  /** Prints all failures. Returns the exit code of the run. */
  report(): 0 | 1 {
    if (this.#all.length === 0) return 0;
    print(`\n${this.#all.length} FAILURES. The other results are complete.`);
    this.#all.forEach((failure) => print(`- ${failure}`));
    return 1;
  }
}

/** Messages of an error and its causes. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message} ${reasonOf(error.cause)}`;
}
