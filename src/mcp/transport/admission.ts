import { Inject, Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';

import { callerKeysOf } from '../../auth/caller-keys.js';
import type { Principal } from '../../auth/principal.js';
import { CONFIGURATION, type Configuration } from '../../config/configuration.js';
import { type Allowance, headersOf, refusalOf } from '../../limits/allowance.js';
import { ByteBudget, type HeldBytes } from '../../limits/byte-budget.js';
import { CallLimits } from '../../limits/call-limits.js';
import { CallsInFlight, type CrowdedBy, type Place } from '../../limits/calls-in-flight.js';
import type { Cost } from '../../limits/charge.js';
import type { Work } from '../context/work.js';
import { StuckHandlers } from '../invocation/stuck-handlers.js';
import { isRecord } from '../is-record.js';
import { type BodyLimits, readJsonBody, tooManyBytes } from './json-body.js';
import { JsonRpcError, REFUSED } from './json-rpc-error.js';
import { answerIdOf, type Message } from './messages.js';
import { ownTurn } from './own-turn.js';

/** Of whatever is no call of a known tool: it has no budget of its own, and asks for little. */
const ORDINARY: Cost = { points: 1 };

/**
 * Bytes that each request has for nothing, which covers nearly all calls: at most 32 MB with the default limits, half
 * for calls in flight, half for calls that wait for their clients.
 */
const FREE_BYTES = 16 * 1024;

/** Number of messages from which a batch has a turn of its own. */
const MANY_MESSAGES = 10;

/** Seconds after which a caller should try again. */
const RETRY_AFTER = 1;

/**
 * Lets requests in. Each takes a place and pays a point before the first byte of its body is read, and what it turns
 * out to cost before anything of it is served.
 */
@Injectable()
export class Admission {
  readonly #bytes: ByteBudget;
  readonly #bodyLimits: BodyLimits;
  /** Callers who have left as much unread as they may. Each holds bytes, and goes on once it gives some back. */
  readonly #slowReaders = new Set<string>();

  constructor(
    private readonly limits: CallLimits,
    private readonly inFlight: CallsInFlight,
    private readonly stuck: StuckHandlers,
    @Inject(CONFIGURATION) { http, limits: { bodyBytes } }: Configuration,
  ) {
    this.#bytes = new ByteBudget(bodyBytes, FREE_BYTES, (caller) => this.#slowReaders.delete(caller));
    this.#bodyLimits = http;
  }

  /** Number of bytes held for requests in progress. */
  get heldBytes(): number {
    return this.#bytes.taken;
  }

  /**
   * Takes a place for a request, and its point. The point is not given back, so that no refusal is free.
   *
   * @param response gets the headers that tell how much is left
   * @returns the request, which must be told when it ends
   * @throws {JsonRpcError} 429 when a budget or a place of the caller or its organization is missing, 503 when there is
   *   no place at all
   */
  async admit(principal: Principal, response: Response): Promise<AdmittedRequest> {
    const place = this.inFlight.enter(principal);
    try {
      const begun = await this.limits.begin(principal);
      announce(
        begun.find(({ refused }) => refused),
        response,
        [],
      );
      if (typeof place === 'string') throw crowded(place, []);
      const { caller } = callerKeysOf(principal);
      if (this.#slowReaders.has(caller)) throw tooManyBytes('caller', 'unread answers');
      const held = this.#bytes.open(caller);
      return new AdmittedRequest(principal, response, this, place, held, begun);
    } catch (error) {
      if (typeof place !== 'string') place.keep(0);
      throw error;
    }
  }

  /** Opens an account for what a caller leaves unread of an event stream that outlives its request. */
  holdUnread(principal: Principal): HeldBytes {
    return this.#bytes.open(callerKeysOf(principal).caller, 0);
  }

  /** Refuses the calls of a caller, which would be served for nothing, until it has read something. */
  awaitReader(principal: Principal): void {
    this.#slowReaders.add(callerKeysOf(principal).caller);
  }

  /** Reads the body of a request; see {@link readJsonBody}. */
  readBody(request: Request, principal: Principal, held: HeldBytes): Promise<unknown> {
    return readJsonBody(request, this.#bodyLimits, held, () => ownTurn(principal));
  }

  /** See {@link AdmittedRequest.settle}. */
  async settle(
    { principal, response, place, begun }: AdmittedRequest,
    messages: readonly Message[],
  ): Promise<void> {
    const crowdedBy = place.take(messages.filter((message) => !settlesSomething(message)).length);
    if (crowdedBy) throw crowded(crowdedBy, messages);
    const costs = messages.map(costOf);
    if (this.stuck.size > 0) this.#requireUnstuck(principal, messages);
    announce(await this.limits.settle(principal, costs, begun), response, messages);
    if (messages.length >= MANY_MESSAGES) await ownTurn(principal);
  }

  #requireUnstuck(principal: Principal, messages: readonly Message[]): void {
    for (const { asked } of messages) {
      if (asked?.offer.kind !== 'tool' || !this.stuck.isFull(asked.offer, principal)) continue;
      throw new JsonRpcError(
        'stuck',
        503,
        REFUSED,
        `Too many calls of the tool ${asked.offer.name} do not end. Try again later.`,
        { 'Retry-After': String(RETRY_AFTER) },
        { data: { limit: 'stuck', retryAfter: RETRY_AFTER }, id: answerIdOf(messages) },
      );
    }
  }
}

function costOf({ asked }: Message): Cost {
  if (asked?.offer.kind !== 'tool') return ORDINARY;
  const { name, cost, rate } = asked.offer;
  return { points: cost, tool: { name, rate } };
}

/**
 * A request that was let in, with what it has taken. Its places count work: each is given back when the handler that
 * has it settles, whether or not anybody still waits for the answer.
 */
export class AdmittedRequest implements Work {
  #running = 0;
  #hasEnded = false;

  constructor(
    readonly principal: Principal,
    readonly response: Response,
    private readonly admission: Admission,
    readonly place: Place,
    private readonly held: HeldBytes,
    readonly begun: readonly Allowance[],
  ) {}

  get isRunning(): boolean {
    return this.#running > 0;
  }

  readBody(request: Request): Promise<unknown> {
    return this.admission.readBody(request, this.principal, this.held);
  }

  /**
   * Takes the places that the messages need, and pays the rest of what they cost, all together and before any of them
   * is served.
   *
   * @throws {JsonRpcError} 429 when a budget or a place is missing, 503 when there is no place at all, or a tool has too
   *   many calls that do not end
   */
  settle(messages: readonly Message[]): Promise<void> {
    return this.admission.settle(this, messages);
  }

  begin(): () => void {
    this.#running++;
    return () => {
      this.#running--;
      if (this.#hasEnded) this.#giveBack();
    };
  }

  pause(): void {
    const crowdedBy = this.place.pause();
    if (crowdedBy) throw crowded(crowdedBy, []);
  }

  resume(): void {
    const crowdedBy = this.place.resume();
    if (crowdedBy) throw crowded(crowdedBy, []);
  }

  /** The request is served. What it has taken is given back once no handler runs and its client has read the answer. */
  end(): void {
    const { response } = this;
    const unread = response.writableEnded && !response.closed ? response.writableLength : 0;
    const refused = unread > 0 ? this.held.add(unread) : undefined;
    if (refused === 'caller') this.admission.awaitReader(this.principal);
    if (refused !== undefined) response.destroy();
    if (unread === 0) this.#end();
    else response.once('close', () => this.#end());
  }

  #end(): void {
    this.#hasEnded = true;
    this.#giveBack();
  }

  #giveBack(): void {
    this.place.keep(this.#running);
    if (this.#running === 0) this.held.release();
  }
}

/**
 * Whether a message only settles what was begun before: the answer to a question of ours, or a notification that a
 * client sends for a call or a session that it has already.
 */
const settlesSomething = ({ body, method }: Message): boolean =>
  method === undefined ||
  (!hasId(body) && (method === 'notifications/cancelled' || method === 'notifications/initialized'));

const hasId = (body: unknown): boolean => isRecord(body) && 'id' in body;

/**
 * Tells the client how much is left.
 *
 * @throws {JsonRpcError} 429 when a budget refuses
 */
function announce(allowance: Allowance | undefined, response: Response, messages: readonly Message[]): void {
  if (!allowance) return;
  const headers = headersOf(allowance);
  if (allowance.refused) {
    const { limit } = allowance.charge;
    const details = { data: { limit, retryAfter: allowance.reset }, id: answerIdOf(messages) };
    throw new JsonRpcError(`rate_limited:${limit}`, 429, REFUSED, refusalOf(allowance), headers, details);
  }
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
}

const CROWDED: Readonly<Record<CrowdedBy, [status: number, whose: string]>> = {
  caller: [429, 'of yours'],
  organization: [429, 'of your organization'],
  instance: [503, 'on this server'],
};

function crowded(by: CrowdedBy, messages: readonly Message[]): JsonRpcError {
  const [status, whose] = CROWDED[by];
  return new JsonRpcError(
    `in_flight:${by}`,
    status,
    REFUSED,
    `Too many calls ${whose} are in flight. Try again shortly.`,
    { 'Retry-After': String(RETRY_AFTER) },
    { data: { limit: `in_flight_${by}`, retryAfter: RETRY_AFTER }, id: answerIdOf(messages) },
  );
}
