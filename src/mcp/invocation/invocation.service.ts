import { Inject, Injectable } from '@nestjs/common';
import { inputRequired, ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';

import { CONFIGURATION, type Configuration } from '../../config/configuration.js';
import { beginCall, logCall } from '../../logging/call-lines.js';
import { type LineLog, LOG } from '../../logging/line-log.js';
import { requestIdOf } from '../../logging/request-id.js';
import { isPart } from '../../observation/is-part.js';
import { OBSERVER, type Observer } from '../../observation/observer.js';
import { type RunningCall, runningCalls } from '../../process/running-call.js';
import { bareError } from '../../values/trace-of.js';
import type { Offer } from '../catalog/offer.js';
import { CallContext, isElicited } from '../context/call-context.js';
import { ClientInput } from '../context/client-input.js';
import { ResourceUpdates } from '../events/resource-updates.js';
import { type Failure, failureOf } from '../failures/failure.js';
import { Refusal } from '../failures/refusal.js';
import type { Call, Outcome } from './call.js';
import { fieldsOf, observed, recordOf } from './call-record.js';
import { type Watch, withDeadline } from './deadline.js';
import { missingCapability } from './missing-capabilities.js';
import { RequestState } from './request-state.js';
import { ResultLimit } from './result-limit.js';
import { StuckHandlers } from './stuck-handlers.js';

/** Nobody waits for the result, and the handler did not fail. */
const CANCELLED: Failure = { message: 'The caller cancelled or disconnected.', reason: 'cancelled' };

/** Methods that fail if the client cannot answer. The others serve what needs no answer. */
const ASKING: ReadonlySet<Call['method']> = new Set(['tools/call', 'resources/read', 'prompts/get']);

/** The handler does not run. A protocol error tells the client, and the record of the call tells the operator. */
function wrongState(): Failure {
  const message = 'Invalid or expired requestState';
  const data = { reason: 'invalid_request_state' };
  return {
    message,
    reason: 'wrong_state',
    thrown: new ProtocolError(ProtocolErrorCode.InvalidParams, message, data),
  };
}

/** Runs handlers. Every use of a tool, resource or prompt goes through this service. */
@Injectable()
export class InvocationService {
  constructor(
    private readonly state: RequestState,
    private readonly updates: ResourceUpdates,
    private readonly stuck: StuckHandlers,
    private readonly results: ResultLimit,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    @Inject(LOG) private readonly log: LineLog,
    @Inject(OBSERVER) private readonly observer: Observer | undefined,
  ) {}

  /**
   * Runs a handler with deadline and cancellation, and logs the outcome.
   *
   * @param handle runs the handler; an error that it throws becomes a failure
   * @throws {ProtocolError} `-32602` when `requestState` belongs to another call, `-32021` when the client does not declare
   *   what the handler of a tool, resource or prompt asks
   */
  async perform<Result>(
    call: Call,
    handle: (context: CallContext) => Promise<Result>,
  ): Promise<Outcome<Result>> {
    const start = performance.now();
    if (!isPart(call.method)) beginCall(call.request.request, call.channel.state !== undefined);
    const observation = this.observer?.call?.(observed(call));
    const fields = fieldsOf(call, this.configuration.log.withIssuer, observation?.logFields);
    const traceId = observation?.logFields?.['trace_id'];
    const running: RunningCall = { fields, signal: undefined };
    let attempt: Outcome<Result>;
    try {
      attempt = await (observation?.run
        ? observation.run(() => this.#attempt(call, running, traceId, handle))
        : this.#attempt(call, running, traceId, handle));
    } catch (error) {
      // Each call must leave a record, whatever fails around its handler.
      attempt = { failure: this.#failed(error, call) };
    }
    const outcome =
      'failure' in attempt ? { failure: this.results.shorten(attempt.failure, call.request) } : attempt;
    const record = recordOf(fields, outcome, start);
    observation?.end({
      outcome: record.outcome,
      reason: record.reason,
      durationMs: record.durationMs,
      resultSize: running.resultSize,
      isUnexpected: record.error !== undefined,
      traceId,
    });
    // A record has none of the fields that observers add to lines, such as the ids of a trace.
    const hasLine =
      observation?.isLogged === true &&
      record.outcome === 'ok' &&
      observation.logFields === undefined &&
      !this.configuration.log.separate;
    logCall(this.log, call.request.request, { fields: record, hasLine });
    if ('failure' in attempt && attempt.failure.thrown) throw attempt.failure.thrown;
    return outcome;
  }

  /** Runs the handler until it ends or needs the client's input. */
  async #attempt<Result>(
    call: Call,
    running: RunningCall,
    traceId: string | undefined,
    handle: (context: CallContext) => Promise<Result>,
  ): Promise<Outcome<Result>> {
    const { offer, request, channel, caller, method, input } = call;
    const repeated = { principal: request.principal, method, name: offer.name, input };
    const earlier = this.state.roundsOf(repeated, channel.state);
    if (!earlier) return { failure: wrongState() };
    const asked = new ClientInput(channel.responses, earlier, (answer) => {
      if (isElicited(answer)) this.observer?.onElicited?.(observed(call), { action: answer.action, traceId });
    });
    try {
      const result = await this.#run(call, running, asked, handle);
      // A handler may catch InputNeeded and return, but the question still needs an answer.
      if (!asked.pending) return { result };
    } catch (error) {
      if (caller.aborted) return { failure: CANCELLED };
      if (!asked.pending) return { failure: this.#failed(error, call) };
    } finally {
      running.signal = undefined;
      asked.end();
    }
    if (!channel.capabilities) {
      return { failure: cannotAsk(offer.kind, this.configuration.sessions.enabled) };
    }
    const missing = channel.isModern && missingCapability(asked.pending, channel.capabilities);
    if (missing) {
      const failure = { message: missing.message, reason: 'missing_capability' } as const;
      return { failure: ASKING.has(method) ? { ...failure, thrown: missing } : failure };
    }
    const requestState = await this.state.mint(repeated, asked.rounds, channel.keepsState);
    return { needed: inputRequired({ inputRequests: asked.pending, requestState }) };
  }

  /** Converts an error of a handler, and reports an unexpected one. */
  #failed(error: unknown, { offer: { kind, name }, request }: Call): Failure {
    const failure = failureOf(error, kind);
    const { correlationId } = failure;
    if (correlationId !== undefined) {
      const requestId = requestIdOf(request.request);
      this.observer?.onUnexpectedError?.(bareError(error), { requestId, kind, name, correlationId });
    }
    return failure;
  }

  /** Runs the handler until its deadline. */
  #run<Result>(
    call: Call,
    running: RunningCall,
    asked: ClientInput,
    handle: (context: CallContext) => Promise<Result>,
  ): Promise<Result> {
    const { offer, request, channel, caller } = call;
    if (this.stuck.isFull(offer, request.principal)) {
      throw new Refusal(`Too many calls of this ${offer.kind} are stuck. Try again later.`, 'stuck');
    }
    const limit = offer.timeout ?? this.configuration.tools.timeout;
    const deadline = performance.now() + limit;
    const run = (signal: () => AbortSignal): Promise<Result> => {
      running.signal = signal;
      const { principal } = request;
      return handle(new CallContext(principal, signal, deadline, channel, asked, this.updates, offer));
    };
    const watch = this.#watch(call, running.fields);
    return runningCalls.run(running, () => withDeadline(limit, caller, run, watch));
  }

  /** Occupies the place of a call until the handler settles. */
  #watch({ offer, request }: Call, fields: RunningCall['fields']): Watch {
    let leave: (() => void) | undefined;
    let recover: (() => void) | undefined;
    return {
      onStart: () => {
        leave = request.work.begin();
      },
      onStuck: () => {
        recover = this.stuck.add(offer, request.principal, fields);
      },
      onSettled: () => {
        recover?.();
        leave?.();
      },
    };
  }
}

/** Explains that legacy clients need a session to answer questions. Without it, the SDK would send an internal message. */
const cannotAsk = (kind: Offer['kind'], hasSessions: boolean): Failure => ({
  message:
    `This ${kind} must ask the user, which this connection does not support. ` +
    (hasSessions
      ? 'Use an MCP 2026-07-28 client, or open a session with initialize.'
      : 'Use an MCP 2026-07-28 client, or set MCP_SESSIONS=on.'),
  reason: 'cannot_ask',
});
