import type { DatabaseTrouble } from './unavailable.js';

/** State of a PostgreSQL server. */
export interface ServerState {
  /** Whether the server has passed the checks of its setup. */
  readonly isFit: boolean;
  /** Whether the server has passed them since the start, even if it does not any more. */
  readonly wasFit: boolean;
  /** Current trouble; undefined while the server can be used. */
  readonly trouble: DatabaseTrouble | undefined;
  /** Number of calls that wait for a connection. */
  readonly waiting: number;
}

/** Returns why the database cannot be used; `unfit` if it is reachable but not set up correctly. */
export const whyUnavailable = ({ trouble, isFit }: ServerState): DatabaseTrouble | 'unfit' | undefined =>
  trouble ?? (isFit ? undefined : 'unfit');
