import { isReason, type Reason } from './reason.js';

/** Name of the step that verifies a token. */
export const VERIFY_TOKEN = 'verify token';

/** Step of a request that waited for something, such as a database. */
export interface Step {
  /** Name, such as `verify token` or `SELECT`. */
  readonly name: string;
  /** Duration, milliseconds. The step has just ended. */
  readonly durationMs: number;
  readonly isFailed: boolean;
  /** Reason code of the failure, if it has one. */
  readonly reason?: Reason | undefined;
  /** Error code of the system, such as an SQLSTATE. */
  readonly code?: string | undefined;
  /** System that the step waited for, by the semantic conventions of OpenTelemetry. */
  readonly system?: 'postgresql' | 'redis';
}

type Follow = (step: Step) => void;

const followers = new Set<Follow>();

/** Whether anything follows the steps. Otherwise, do not measure them. */
export const followsSteps = (): boolean => followers.size > 0;

/** Tells of a step that has just ended, in the asynchronous context of its request. */
export function stepEnded(ended: Step): void {
  for (const follow of followers) follow(ended);
}

/** Follows all steps of this process. Returns a function that ends it. */
export function followSteps(follow: Follow): () => void {
  followers.add(follow);
  return () => {
    followers.delete(follow);
  };
}

/** Runs a step, and tells of it if anything follows. */
export async function asStep<Result>(
  name: string,
  work: () => Promise<Result>,
  system?: Step['system'],
): Promise<Result> {
  if (!followsSteps()) return work();
  const start = performance.now();
  const end = (isFailed: boolean, reason?: Reason): void =>
    stepEnded({ name, durationMs: performance.now() - start, isFailed, reason, ...(system && { system }) });
  try {
    const result = await work();
    end(false);
    return result;
  } catch (error) {
    end(true, reasonIn(error));
    throw error;
  }
}

const reasonIn = (error: unknown): Reason | undefined =>
  typeof error === 'object' && error !== null && 'reason' in error && isReason(error.reason)
    ? error.reason
    : undefined;
