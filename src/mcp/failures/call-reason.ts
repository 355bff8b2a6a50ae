import type { Reason } from '../../logging/reason.js';

interface Rule {
  /** Outcome of the call in the log. */
  readonly outcome: 'denied' | 'failed';
  /** Whether the caller can fix the failure, for example by changing the request. */
  readonly isOfTheCaller: boolean;
}

const RULES = {
  forbidden: { outcome: 'denied', isOfTheCaller: true },
  insufficient_scope: { outcome: 'denied', isOfTheCaller: true },
  // From the application's own guards.
  http_401: { outcome: 'denied', isOfTheCaller: true },
  http_403: { outcome: 'denied', isOfTheCaller: true },
  wrong_state: { outcome: 'denied', isOfTheCaller: true },
  invalid_input: { outcome: 'failed', isOfTheCaller: true },
  tool_error: { outcome: 'failed', isOfTheCaller: true },
  'database:unreachable': { outcome: 'failed', isOfTheCaller: false },
  'database:connections': { outcome: 'failed', isOfTheCaller: false },
  'database:disk_full': { outcome: 'failed', isOfTheCaller: false },
  'database:read_only': { outcome: 'failed', isOfTheCaller: false },
  'upstream:unreachable': { outcome: 'failed', isOfTheCaller: false },
  'upstream:credentials': { outcome: 'failed', isOfTheCaller: false },
  not_found: { outcome: 'failed', isOfTheCaller: false },
  unknown_target: { outcome: 'failed', isOfTheCaller: false },
  missing_capability: { outcome: 'failed', isOfTheCaller: true },
  cannot_ask: { outcome: 'failed', isOfTheCaller: false },
  stuck: { outcome: 'failed', isOfTheCaller: false },
  timeout: { outcome: 'failed', isOfTheCaller: false },
  cancelled: { outcome: 'failed', isOfTheCaller: false },
  result_too_large: { outcome: 'failed', isOfTheCaller: false },
  unexpected: { outcome: 'failed', isOfTheCaller: false },
} as const satisfies Partial<Record<Reason, Rule>>;

/**
 * Reason code of a failed call. `http_<status>` stands for a NestJS HTTP exception with a status below 500,
 * `api_<status>` for a 4xx response of an API.
 */
export type CallReason = keyof typeof RULES | `http_${number}` | `api_${number}`;

/** Returns how the log and the client are told of a reason. */
export const ruleOf = (reason: CallReason): Rule =>
  isFixed(reason) ? RULES[reason] : { outcome: 'failed', isOfTheCaller: /^(?:http|api)_4/.test(reason) };

const isFixed = (reason: CallReason): reason is keyof typeof RULES => Object.hasOwn(RULES, reason);
