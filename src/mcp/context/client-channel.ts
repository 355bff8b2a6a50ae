import type { ClientCapabilities, LoggingLevel } from '@modelcontextprotocol/server';

import type { Progress } from './progress.js';

/** Connection between a running call and its client. */
export interface ClientChannel {
  /** Declared client capabilities; undefined if the client could not declare any. */
  readonly capabilities: ClientCapabilities | undefined;
  /** Progress of the request; undefined if its client asked for none. */
  readonly progress: Progress | undefined;
  /** Sends a notification of the call. */
  notify(method: string, params: Readonly<Record<string, unknown>>): Promise<void>;
  /** Sends a log message, if the client requested its level. */
  log(level: LoggingLevel, data: unknown, logger?: string): Promise<void>;
  /** Client's responses in this round, by key; untrusted. */
  readonly responses: Readonly<Record<string, unknown>>;
  /** Verified state of an earlier round of the same call. */
  readonly state: unknown;
  /** Whether the server keeps the state while the client answers, so that no client gets it. Default: false. */
  readonly keepsState?: boolean;
  /** Whether the revision has an error for a capability that the client does not declare. Default: false. */
  readonly isModern?: boolean;
  /** `_meta` of the message; untrusted. */
  readonly meta?: Readonly<Record<string, unknown>> | undefined;
  /** Closes the response stream of the call, which its client then resumes. Only in sessions. */
  readonly release?: () => void;
}
