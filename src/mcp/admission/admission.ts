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
import { isRecord } from '../../values/is-record.js';
import { type BodyLimits, readJsonBody, tooManyBytes } from '../wire/json-body.js';
import { JsonRpcError, REFUSED } from '../wire/json-rpc-error.js';
import { answerIdOf, type Message } from './message.js';
import { ownTurn } from './own-turn.js';

/** Cost of any message that does not call a known tool. */
const ORDINARY: Cost = { points: 1 };

/**
 * Free bytes of each request, enough for nearly all calls. With the default limits, this is at most 32 MB: half for
 * calls in flight, half for calls that wait for their clients.
 */
const FREE_BYTES = 16 * 1024;

/** Minimum size of a batch that waits for a turn of its own. */
const MIN_BATCH_WITH_TURN = 10;

/** `Retry-After`, seconds. */
const RETRY_AFTER = 1;

/**
 * Admits requests. Each request takes a place and pays one point before its body is read. It pays the rest of its cost
 * before any message is served.
 */
@Injectable()
export class Admission {
  readonly #bytes: ByteBudget;
  readonly #bodyLimits: BodyLimits;
  /** Callers at their limit of unread bytes. They are refused until they release some. */
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

  /** Bytes held for requests in progress, without the free ones. */
  get heldBytes(): number {
    return this.#bytes.taken;
  }

  /**
   * Takes a place and a point for a request. The point is not refunded, so that refusals also cost something.
   *
   * @param response response that gets the rate limit headers
   * @returns the admitted request, whose `end()` must be called
   * @throws {JsonRpcError} 429 when a limit of the caller or its organization is reached, 503 when the instance has no
   *   place
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
      if (this.#slowReaders.has(caller)) throw tooManyBytes('caller', 'unread responses');
      const held = this.#bytes.open(caller);
      return new AdmittedRequest(principal, response, this, place, held, begun);
    } catch (error) {
      if (typeof place !== 'string') place.keep(0);
      throw error;
    }
  }

  /** Opens an account for the unread bytes of an event stream that outlives its request. */
  holdUnread(principal: Principal): HeldBytes {
    return this.#bytes.open(callerKeysOf(principal).caller, 0);
  }

  /** Refuses calls of a caller until the caller has read some of its responses. Serving more would be wasted work. */
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
    const crowdedBy = place.take(messages.filter((message) => !isSettling(message)).length);
    if (crowdedBy) throw crowded(crowdedBy, messages);
    const costs = messages.map(costOf);
    if (this.stuck.size > 0) this.#requireUnstuck(principal, messages);
    announce(await this.limits.settle(principal, costs, begun), response, messages);
    if (messages.length >= MIN_BATCH_WITH_TURN) await ownTurn(principal);
  }

  #requireUnstuck(principal: Principal, messages: readonly Message[]): void {
    for (const { asked } of messages) {
      if (asked?.offer.kind !== 'tool' || !this.stuck.isFull(asked.offer, principal)) continue;
      throw new JsonRpcError(
        'stuck',
        503,
        REFUSED,
        `Too many calls of the tool ${asked.offer.name} are stuck. Try again later.`,
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
 * Admitted request with its places and bytes. A place is freed when its handler settles, even if nobody waits for the
 * response anymore.
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
   * Takes places for all messages and pays the rest of their cost, all or nothing. Call this before serving any.
   *
   * @throws {JsonRpcError} 429 when a limit of the caller or its organization is reached, 503 when the instance has no
   *   place or too many calls of a tool are stuck
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

  /** Ends the request. Its places and bytes are freed once no handler runs and the client has read the response. */
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

/** Whether a message needs no place: an answer to a question of the server, or a notification of an existing call. */
const isSettling = ({ body, method }: Message): boolean =>
  method === undefined ||
  (!hasId(body) && (method === 'notifications/cancelled' || method === 'notifications/initialized'));

const hasId = (body: unknown): boolean => isRecord(body) && 'id' in body;

/**
 * Sets the rate limit headers.
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

const CROWDED: Readonly<Record<CrowdedBy, [status: number, scope: string]>> = {
  caller: [429, 'from you'],
  organization: [429, 'from your organization'],
  instance: [503, 'on this server'],
};

function crowded(by: CrowdedBy, messages: readonly Message[]): JsonRpcError {
  const [status, scope] = CROWDED[by];
  return new JsonRpcError(
    `in_flight:${by}`,
    status,
    REFUSED,
    `Too many calls ${scope} are in flight. Try again shortly.`,
    { 'Retry-After': String(RETRY_AFTER) },
    { data: { limit: `in_flight_${by}`, retryAfter: RETRY_AFTER }, id: answerIdOf(messages) },
  );
}
