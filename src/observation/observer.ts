import type { Request } from 'express';

import type { Principal } from '../auth/principal.js';
import type { RevocationChange } from '../auth/revocation/revocations.js';
import type { Reason } from '../logging/reason.js';
import type { ReadMessage, Targets } from '../logging/refused-response.js';

/** Request that has ended. */
export interface EndedRequest {
  readonly requestId: string;
  /** HTTP method. */
  readonly httpMethod: string;
  /** Path without the query, 200 characters at most. Strangers control it. */
  readonly path: string;
  /** Registered path that the request has matched, such as `/mcp`; undefined if none. */
  readonly route: string | undefined;
  /** HTTP status. Means nothing if {@link isUnanswered}. */
  readonly status: number;
  /** Whether the connection closed before a status was sent: the client disconnected, or a server that stops cut it off. */
  readonly isUnanswered: boolean;
  /** Address of the client. */
  readonly address: string | undefined;
  /** Verified caller; undefined for a stranger. */
  readonly principal: Principal | undefined;
  /**
   * JSON-RPC messages as the client wrote them; empty if none was read. A response to a question of the server has no
   * method. Bodies are personal: never record them.
   */
  readonly messages: readonly ReadMessage[];
  /** Requested targets of a rejected request. With the reason `hidden_target`, its caller may not know of them. */
  readonly targets: Targets | undefined;
  /** Reason code of a rejected request. */
  readonly reason: Reason | undefined;
  /** Code of the JSON-RPC error of a response, if any. */
  readonly errorCode: number | undefined;
  /** Whether the connection closed before the whole response was sent, for the same reasons. */
  readonly isAborted: boolean;
  /** Number of its calls, which are observed by themselves. They may end after the request. */
  readonly calls: number;
  /** Time from the headers of the request, before it waits for its turn, to the last byte of the response, milliseconds. */
  readonly durationMs: number;
  /** Trace that the request belongs to, if it is traced. */
  readonly traceId?: string | undefined;
}

/** Call of a tool, resource or prompt. */
export interface ObservedCall {
  readonly requestId: string;
  /** JSON-RPC method, such as `tools/call`. */
  readonly method: string;
  readonly kind: 'tool' | 'resource' | 'prompt';
  /** Name in the catalog. */
  readonly name: string;
  readonly principal: Principal;
  /** Address of the client. */
  readonly address: string | undefined;
  /** Arguments as the client sent them. They are personal: record what {@link recordable} returns at most. */
  readonly input: unknown;
  /** Returns the arguments that the tool lets be recorded, redacted. Pass {@link input}. Undefined if there are none. */
  readonly recordable: ((input: unknown) => Readonly<Record<string, unknown>> | undefined) | undefined;
  /** `_meta` of the message. The client controls it. */
  readonly meta: Readonly<Record<string, unknown>> | undefined;
}

/** Call that has ended. */
export interface EndedCall {
  readonly outcome: 'ok' | 'denied' | 'failed' | 'input_required';
  /** Reason code of a call without a result. */
  readonly reason: Reason | undefined;
  /** Approximate size of the result in characters; undefined without a result. */
  readonly resultSize?: number | undefined;
  /** Whether the handler failed for a reason that its caller is not told. */
  readonly isUnexpected: boolean;
  readonly durationMs: number;
  /** Trace that the call belongs to, if it is traced. */
  readonly traceId?: string | undefined;
}

/** Call whose handler failed unexpectedly. It identifies the line in the log that tells more. */
export interface FailedCall extends Pick<ObservedCall, 'requestId' | 'kind' | 'name'> {
  /** Id that the caller was told. */
  readonly correlationId: string;
}

/** Person's reaction to a question of a call. It never contains the answer. */
export interface Elicitation {
  readonly action: 'accept' | 'decline' | 'cancel';
  /** Trace that the call belongs to, if it is traced. */
  readonly traceId?: string | undefined;
}

/** Token that the embedded issuer has issued to a person who signed in, or to a machine. */
export interface IssuedToken {
  readonly issuer: string;
  readonly subject: string | undefined;
  readonly clientId: string | undefined;
  readonly organizationId: string | undefined;
  /** Address of the client, or of a proxy. */
  readonly address: string | undefined;
}

/** Sign-in, or exchange for a token, that the embedded issuer has refused. */
export interface RefusedToken {
  readonly issuer: string;
  /** Known client that the request names; not verified. */
  readonly clientId: string | undefined;
  /** OAuth error code (RFC 6749 §4.1.2.1 and §5.2). */
  readonly error: string;
  /** Address of the client, or of a proxy. */
  readonly address: string | undefined;
}

/** Observation of one request or call, from its begin to its end. */
export interface Observation<Ended> {
  /** Fields for the log lines of the request or call. */
  readonly logFields?: Readonly<Record<string, string>> | undefined;
  /** Whether it has recorded its end in the log, so that a call that succeeded needs no further line. */
  readonly isLogged?: boolean;
  /** Runs the work of the request or call. Must call it exactly once, and return its result. */
  run?<Result>(work: () => Result): Result;
  end(ended: Ended): void;
}

/**
 * Observes requests and calls, for metrics, traces or an audit trail.
 *
 * Its methods run for each request, so they must be fast. An error that one throws is logged, and affects no request.
 */
export interface Observer {
  /** Whether calls are refused with 503 at the moment, because they could not be recorded. An error refuses them too. */
  readonly refusesCalls?: boolean;
  /**
   * Whether it could record calls since the start. While false, the instance is not ready, so that a deployment replaces no
   * others with it.
   */
  readonly hasRecorded?: boolean;
  /** Whether it is the audit trail that `AUDIT` asks for. Without one, the start warns. */
  readonly isAuditTrail?: boolean;
  /** Whether it measures what `METRICS_PORT` asks for. Without one, the start warns. */
  readonly hasMetrics?: boolean;
  /** Begins to observe a request. */
  request?(request: Request): Observation<EndedRequest>;
  /** Begins to observe a call. */
  call?(call: ObservedCall): Observation<EndedCall>;
  /** Reports that a person has reacted to a question of a call, once for each question. */
  onElicited?(call: ObservedCall, elicitation: Elicitation): void;
  /** Reports a token of the embedded issuer. Its refreshes are not reported. */
  onTokenIssued?(token: IssuedToken): void;
  /** Reports that the embedded issuer has refused a sign-in or a token. */
  onTokenRefused?(refusal: RefusedToken): void;
  /** Reports that tokens were revoked, or a revocation was undone or has expired, by this instance or another one. */
  onRevocation?(change: RevocationChange): void;
  /**
   * Reports the unexpected error of a handler, such as to Sentry.
   *
   * @param error copy of the error with its name, message, stack and causes only, because other members often contain
   *   requests with credentials
   */
  onUnexpectedError?(error: Error, call: FailedCall): void;
}

/** Injection token of the {@link Observer}; undefined if nothing observes requests and calls. */
export const OBSERVER = Symbol('OBSERVER');
