import type { ClientCapabilities, LoggingLevel } from '@modelcontextprotocol/server';

/** What the client of a call can be told while it runs, and what it has answered so far. */
export interface ClientChannel {
  /** What the client declares to be able to do; undefined where it has had no occasion to. */
  readonly capabilities: ClientCapabilities | undefined;
  /** Present when the client wants to hear of progress. */
  readonly progressToken: string | number | undefined;
  /** Sends a notification that belongs to the call. */
  notify(method: string, params: Readonly<Record<string, unknown>>): Promise<void>;
  /** Sends a log message, if the client wants those of its level. */
  log(level: LoggingLevel, data: unknown, logger?: string): Promise<void>;
  /** What the client answers in this round, by key; untrusted. */
  readonly responses: Readonly<Record<string, unknown>>;
  /** What an earlier round of the same call left, verified. */
  readonly state: unknown;
  /** Closes the stream that answers the call; its client comes back for the rest. Only on sessions. */
  readonly release?: () => void;
}
