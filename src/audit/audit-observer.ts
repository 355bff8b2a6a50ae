import { LRUCache } from 'lru-cache';

import type { Principal } from '../auth/principal.js';
import type { RevocationChange } from '../auth/revocation/revocations.js';
import { isUnaccepted, type Reason } from '../logging/reason.js';
import { StrangerShare } from '../logging/stranger-share.js';
import type {
  Elicitation,
  EndedCall,
  EndedRequest,
  IssuedToken,
  Observation,
  ObservedCall,
  Observer,
  RefusedToken,
} from '../observation/observer.js';
import { argumentsDigest } from './arguments-digest.js';
import type { AuditEvent, AuditFields, RecordedCaller } from './audit-record.js';
import type { AuditTrail } from './audit-trail.js';
import type { DescribeArguments } from './describe-arguments.js';
import { revocationFields } from './revocation-fields.js';
import type { Weight } from './sink-queue.js';

/** Events by the method of a call. A completion is recorded only if it is denied, a list never. */
const EVENTS: ReadonlyMap<string, AuditEvent> = new Map<string, AuditEvent>([
  ['tools/call', 'tool.call'],
  ['resources/read', 'resource.read'],
  ['prompts/get', 'prompt.get'],
]);

const LIMITS = /^(rate_limited|in_flight|body_bytes|sessions|listeners|kept_bytes):|^stuck$/;

const DENIALS: ReadonlySet<string> = new Set<Reason>([
  'insufficient_scope',
  'forbidden',
  'unknown_target',
  'hidden_target',
]);

/** Reasons of a refused request that the record of its call has already. */
const CALL_REASONS: ReadonlySet<string> = new Set<Reason>(['missing_capability']);

/** Maximum number of tokens whose acceptance is remembered. A token beyond it may be recorded again. */
const MAX_ACCEPTED = 10_000;

/** Fields for the arguments of a call. */
type Given = Pick<AuditFields, 'arguments' | 'argumentsDigest'>;

/** Records calls, refused requests, and the first use of each token. */
export class AuditObserver implements Observer {
  readonly isAuditTrail = true;
  readonly #strangers = new StrangerShare();
  /** Ids of tokens whose first use is recorded. */
  readonly #accepted = new LRUCache<string, true>({ max: MAX_ACCEPTED });
  /** Callers of tokens whose first use is recorded. Each request of a token has the same one while the token is cached. */
  readonly #callers = new WeakSet<Principal>();
  /** Shared by all requests, because it keeps nothing of them. */
  readonly #requests: Observation<EndedRequest> = {
    end: (ended) => {
      // Each call records it, too.
      if (ended.calls === 0 && ended.principal && !isUnaccepted(ended.reason))
        this.#accept(ended.principal, ended, ended.traceId);
      this.#recordRefusal(ended);
    },
  };
  #unrecorded = 0;

  /**
   * @param describe returns the arguments to record, redacted
   * @param digestKey key of the digests of arguments; undefined for no digests
   * @param replacesLines whether the records of calls replace their lines, because the same log has both
   */
  constructor(
    private readonly trail: AuditTrail,
    private readonly describe: DescribeArguments,
    private readonly digestKey: string | undefined,
    private readonly replacesLines: boolean,
  ) {}

  get refusesCalls(): boolean {
    return this.trail.isRefusing;
  }

  get hasRecorded(): boolean {
    return this.trail.hasRecorded;
  }

  request(): Observation<EndedRequest> {
    return this.#requests;
  }

  call(call: ObservedCall): Observation<EndedCall> {
    const event = EVENTS.get(call.method);
    // Read before the handler runs, because validators may pass on the arguments themselves, which it may change.
    const given = event && this.#argumentsOf(call);
    const observation = {
      isLogged: false,
      end: (ended: EndedCall): void => {
        this.#accept(call.principal, call, ended.traceId);
        // The record of the request names the target, if it is hidden, and its outcome is `denied`.
        if (ended.reason === 'unknown_target') return;
        if (event) observation.isLogged = this.#recordCall(event, call, given, ended) && this.replacesLines;
        else if (call.method === 'completion/complete' && ended.outcome === 'denied')
          this.#recordCall('access.denied', call, undefined, ended);
      },
    };
    return observation;
  }

  onElicited(call: ObservedCall, { action, traceId }: Elicitation): void {
    this.#record(call.principal, {
      event: 'elicitation.answered',
      outcome: action === 'accept' ? 'success' : 'denied',
      reason: action,
      [call.kind]: call.name,
      requestId: call.requestId,
      traceId,
      address: call.address,
    });
  }

  onTokenIssued({ issuer, subject, clientId, organizationId, address }: IssuedToken): void {
    const caller = { issuer, subject, client: clientId, organization: organizationId };
    this.trail.record({ event: 'token.issued', outcome: 'success', ...caller, address });
  }

  onTokenRefused({ issuer, clientId: client, error: reason, address }: RefusedToken): void {
    if (!this.#admits(undefined, address)) return;
    const fields = { event: 'token.refused', outcome: 'denied', reason, issuer, client, address } as const;
    this.trail.record(fields, undefined, 'optional');
  }

  onRevocation(change: RevocationChange): void {
    this.trail.record(revocationFields(change));
  }

  /** Records how many requests the last minute left out, and begins the chain of a new day. Call it each minute, and at the end. */
  endMinute(): void {
    this.trail.beginDay();
    const count = this.#unrecorded;
    if (count > 0) this.trail.record({ event: 'requests.unrecorded', outcome: 'denied', count });
    this.#unrecorded = 0;
    this.#strangers.reset();
  }

  /** Records the first use of a token. */
  #accept(
    principal: Principal,
    { requestId, address }: Pick<EndedRequest, 'requestId' | 'address'>,
    traceId: string | undefined,
  ): void {
    if (this.#callers.has(principal) || this.trail.isCrowded) return;
    this.#callers.add(principal);
    const { issuer, tokenId } = principal;
    if (tokenId !== undefined) {
      const id = JSON.stringify([issuer, tokenId]);
      if (this.#accepted.get(id)) return;
      this.#accepted.set(id, true);
    }
    const event = 'token.accepted';
    this.#record(principal, { event, outcome: 'success', requestId, traceId, address }, 'optional');
  }

  #recordRefusal(ended: EndedRequest): void {
    const { reason, principal, status, isUnanswered, targets, requestId, traceId, address, durationMs } =
      ended;
    if (reason === undefined || (ended.calls > 0 && CALL_REASONS.has(reason))) return;
    if (!this.#admits(isUnaccepted(reason) ? undefined : principal, address)) return;
    const given =
      targets?.input && this.#argumentsOf({ recordable: targets.recordable, input: targets.input() });
    const fields: AuditFields = {
      event: eventOf(ended),
      outcome: 'denied',
      reason,
      tool: targets?.tool,
      resource: targets?.resource,
      prompt: targets?.prompt,
      arguments: given?.arguments,
      argumentsDigest: given?.argumentsDigest,
      status: isUnanswered ? undefined : status,
      durationMs,
      requestId,
      traceId,
      address,
    };
    this.#record(principal, fields, 'optional');
  }

  #argumentsOf(call: Pick<ObservedCall, 'recordable' | 'input'>): Given {
    return {
      arguments: this.describe(call),
      argumentsDigest: this.digestKey === undefined ? undefined : argumentsDigest(call.input, this.digestKey),
    };
  }

  #recordCall(
    event: AuditEvent,
    { kind, name, principal, requestId, address }: ObservedCall,
    given: Given | undefined,
    { outcome, reason, resultSize, durationMs, traceId }: EndedCall,
  ): boolean {
    return this.#record(principal, {
      event,
      outcome: outcome === 'denied' ? 'denied' : outcome === 'failed' ? 'failure' : 'success',
      reason: reason ?? (outcome === 'input_required' ? 'input_required' : undefined),
      tool: kind === 'tool' ? name : undefined,
      resource: kind === 'resource' ? name : undefined,
      prompt: kind === 'prompt' ? name : undefined,
      arguments: given?.arguments,
      argumentsDigest: given?.argumentsDigest,
      resultSize,
      durationMs,
      requestId,
      traceId,
      address,
    });
  }

  #record(principal: Principal | undefined, fields: AuditFields, weight?: Weight): boolean {
    return this.trail.record(fields, principal && recordedCaller(principal), weight);
  }

  /** Whether to record a refusal. Otherwise counts it. Refusals never take the part of a queue that calls need. */
  #admits(principal: Principal | undefined, address: string | undefined): boolean {
    if (!this.trail.isCrowded && (principal || this.#strangers.take(address))) return true;
    this.#unrecorded++;
    return false;
  }
}

function eventOf({ reason, status }: EndedRequest): AuditEvent {
  if (reason === undefined) return 'request.rejected';
  if (LIMITS.test(reason)) return 'limit.exceeded';
  if (DENIALS.has(reason)) return 'access.denied';
  return status === 401 || reason.includes('token') || reason === 'malformed_header'
    ? 'token.rejected'
    : 'request.rejected';
}

const recorded = new WeakMap<Principal, RecordedCaller>();

/** Returns the fields of a caller, which are the same for all of its records. */
function recordedCaller(principal: Principal): RecordedCaller {
  const known = recorded.get(principal);
  if (known) return known;
  const { organizationId, subject, clientId, issuer, tokenId, sessionId } = principal;
  const fields = {
    organization: organizationId,
    subject,
    client: clientId,
    issuer,
    token: tokenId,
    session: sessionId,
  };
  const caller = { fields, json: `${JSON.stringify(fields).slice(1, -1)},` };
  recorded.set(principal, caller);
  return caller;
}
