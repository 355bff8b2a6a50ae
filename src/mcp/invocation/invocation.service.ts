import { Inject, Injectable } from '@nestjs/common';
import {
  inputRequired,
  type InputRequiredResult,
  ProtocolError,
  ProtocolErrorCode,
} from '@modelcontextprotocol/server';

import { CONFIGURATION, type Configuration } from '../../config/configuration.js';
import { elapsedSince } from '../../logging/elapsed.js';
import { type LineLog, LOG } from '../../logging/log.js';
import { requestIdOf } from '../../logging/request-id.js';
import { type RunningCall, runningCalls } from '../../process/running-call.js';
import type { Offer } from '../catalog/offer.js';
import { CallContext } from '../context/call-context.js';
import type { ClientChannel } from '../context/client-channel.js';
import { ClientInput } from '../context/client-input.js';
import type { RequestContext } from '../context/request-context.js';
import { ResourceUpdates } from '../events/resource-updates.js';
import { ruleOf } from '../failures/call-reason.js';
import { type Failure, failureOf } from '../failures/failure.js';
import { Refusal } from '../failures/refusal.js';
import { type Watch, withDeadline } from './deadline.js';
import { RequestState } from './request-state.js';
import { sizeOf } from './result-size.js';
import { StuckHandlers } from './stuck-handlers.js';

/** Use of one tool, resource, prompt or completion. */
export interface Call {
  readonly method: 'tools/call' | 'resources/read' | 'prompts/get' | 'completion/complete' | 'resources/list';
  readonly offer: Offer;
  /** Arguments or variables. */
  readonly input: unknown;
  readonly request: RequestContext;
  readonly channel: ClientChannel;
  /** Aborted when the caller disconnects or cancels. */
  readonly caller: AbortSignal;
}

/** Outcome of a call: a result, a failure, or a request for the client's input. */
export type Outcome<Result> =
  { readonly result: Result } | { readonly failure: Failure } | { readonly needed: InputRequiredResult };

/** Minimum length that a failure message may always have, in characters. */
const MIN_ERROR_LENGTH = 1_000;

/** Runs handlers. Every use of a tool, resource or prompt goes through this service. */
@Injectable()
export class InvocationService {
  constructor(
    private readonly state: RequestState,
    private readonly updates: ResourceUpdates,
    private readonly stuck: StuckHandlers,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    @Inject(LOG) private readonly log: LineLog,
  ) {}

  /**
   * Runs a handler with deadline and cancellation, and logs the outcome.
   *
   * @param handle runs the handler; an error that it throws becomes a failure
   * @throws {ProtocolError} `-32602` when `requestState` belongs to another call
   */
  async perform<Result>(
    call: Call,
    handle: (context: CallContext) => Promise<Result>,
  ): Promise<Outcome<Result>> {
    const start = performance.now();
    const fields = fieldsOf(call, this.configuration.log.withIssuer);
    const attempt = await this.#attempt(call, { fields, signal: undefined }, handle);
    const outcome = this.#bounded(attempt, call.request);
    this.#record(fields, outcome, start);
    return outcome;
  }

  /**
   * Counts a result against the size limit of its request.
   *
   * @throws {Refusal} when all results of the request together exceed the limit
   */
  admit<Result>(result: Result, request: RequestContext): Result {
    const size = sizeOf(result);
    const limit = this.configuration.tools.resultLimit;
    if (request.admitResult(size, limit)) return result;
    throw new Refusal(
      `The result is too large: ${size} characters, with a limit of ${limit} per request. Request less data.`,
      'result_too_large',
    );
  }

  /** Shortens a failure message to the size limit of its request. */
  #bounded<Result>(outcome: Outcome<Result>, request: RequestContext): Outcome<Result> {
    if (!('failure' in outcome)) return outcome;
    const { failure } = outcome;
    const limit = this.configuration.tools.resultLimit;
    const message = shortened(failure.message, Math.max(request.resultRoom(limit), MIN_ERROR_LENGTH), limit);
    request.admitResult(message.length, limit);
    return { failure: { ...failure, message } };
  }

  async #attempt<Result>(
    call: Call,
    running: RunningCall,
    handle: (context: CallContext) => Promise<Result>,
  ): Promise<Outcome<Result>> {
    const { offer, request, channel, caller, method, input } = call;
    const repeated = { principal: request.principal, method, name: offer.name, input };
    const earlier = this.state.roundsOf(repeated, channel.state);
    if (!earlier) {
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'Invalid or expired requestState', {
        reason: 'invalid_request_state',
      });
    }
    const asked = new ClientInput(channel.responses, earlier);
    try {
      if (this.stuck.isFull(offer, request.principal)) {
        throw new Refusal(`Too many calls of this ${offer.kind} are stuck. Try again later.`, 'stuck');
      }
      const limit = offer.timeout ?? this.configuration.tools.timeout;
      const deadline = performance.now() + limit;
      const result = await runningCalls.run(running, () =>
        withDeadline(
          limit,
          caller,
          (signal) => {
            running.signal = signal;
            return handle(new CallContext(request.principal, signal, deadline, channel, asked, this.updates));
          },
          this.#watch(call, running.fields),
        ),
      );
      // A handler may catch InputNeeded and return, but the question still needs an answer.
      if (!asked.pending) return { result };
    } catch (error) {
      // Nobody waits for the result, and the handler did not fail.
      if (caller.aborted)
        return { failure: { message: 'The caller cancelled or disconnected.', reason: 'cancelled' } };
      if (!asked.pending) return { failure: failureOf(error, offer.kind) };
    } finally {
      running.signal = undefined;
      asked.end();
    }
    if (!channel.capabilities) {
      return {
        failure: {
          message: cannotAsk(offer.kind, this.configuration.sessions.enabled),
          reason: 'cannot_ask',
        },
      };
    }
    const requestState = await this.state.mint(repeated, asked.rounds);
    return { needed: inputRequired({ inputRequests: asked.pending, requestState }) };
  }

  /** Occupies a call slot until the handler settles. */
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

  #record(fields: RunningCall['fields'], outcome: Outcome<unknown>, start: number): void {
    const failure = 'failure' in outcome ? outcome.failure : undefined;
    // The logger omits undefined fields.
    const line = {
      ...fields,
      outcome: 'result' in outcome ? 'ok' : failure ? ruleOf(failure.reason).outcome : 'input_required',
      reason: failure?.reason,
      correlationId: failure?.correlationId,
      error: failure?.error,
      durationMs: elapsedSince(start),
    };
    this.log[failure?.error === undefined ? 'info' : 'error'](line, 'call');
  }
}

/** Explains that legacy clients need a session to answer questions. Without it, the SDK would send an internal message. */
const cannotAsk = (kind: Offer['kind'], hasSessions: boolean): string =>
  `This ${kind} must ask the user, which this connection does not support. ` +
  (hasSessions
    ? 'Use an MCP 2026-07-28 client, or open a session with initialize.'
    : 'Use an MCP 2026-07-28 client, or set MCP_SESSIONS=on.');

function shortened(message: string, length: number, limit: number): string {
  if (message.length <= length) return message;
  const note = ` [Cut from ${message.length} characters: the limit per request is ${limit}.]`;
  return message.slice(0, length - note.length) + note;
}

/** Returns the fields that identify a call in log lines. The logger omits undefined fields. */
function fieldsOf(
  { method, offer: { kind, name }, request: { principal, request } }: Call,
  withIssuer: boolean,
): RunningCall['fields'] {
  return {
    requestId: requestIdOf(request),
    issuer: withIssuer ? principal.issuer : undefined,
    subject: principal.subject,
    clientId: principal.clientId,
    organizationId: principal.organizationId,
    method,
    tool: kind === 'tool' ? name : undefined,
    resource: kind === 'resource' ? name : undefined,
    prompt: kind === 'prompt' ? name : undefined,
  };
}
