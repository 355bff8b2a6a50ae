import { INVALID_REQUEST } from '@modelcontextprotocol/server';
import { Inject, Injectable } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import type { Request, Response } from 'express';

import { callerKeysOf } from '../../auth/caller-keys.js';
import type { Principal } from '../../auth/principal.js';
import { CONFIGURATION, type Configuration } from '../../config/configuration.js';
import { Reloads } from '../../config/reloads.js';
import { setMessages } from '../../logging/refused-response.js';
import { ByteBudget, type HeldBytes } from '../../limits/byte-budget.js';
import { CallLimits } from '../../limits/call-limits.js';
import { CallsInFlight } from '../../limits/calls-in-flight.js';
import { OBSERVER, type Observer } from '../../observation/observer.js';
import { AuthorizationService } from '../authorization/authorization.service.js';
import { InvalidSelectionError } from '../authorization/named-groups.js';
import { ToolSelections } from '../authorization/tool-selections.service.js';
import { OrganizationContexts } from '../context/organization-contexts.js';
import { RequestContext } from '../context/request-context.js';
import type { ToolSelection } from '../context/tool-selection.js';
import { StuckHandlers } from '../invocation/stuck-handlers.js';
import { ToolSearch } from '../search/tool-search.service.js';
import { readJsonBody, tooManyBytes } from '../wire/json-body.js';
import { JsonRpcError } from '../wire/json-rpc-error.js';
import { answerId } from '../wire/messages.js';
import { AdmittedMessages } from './admitted-messages.js';
import { AdmittedRequest } from './admitted-request.js';
import { announce, crowded, stuckTool, unrecorded } from './limit-errors.js';
import { costOf, type Finders, type Message, nameCalledTool, readMessage, takesPlace } from './message.js';
import { recordMissingTargets } from './recorded-targets.js';
import { ownTurn } from '../../limits/own-turn.js';

/**
 * Free bytes of each request, enough for nearly all calls. With the default limits, this is at most 32 MB: half for
 * calls in flight, half for calls that wait for their clients.
 */
const FREE_BYTES = 16 * 1024;

/** Free bytes of each event stream, enough for its notifications. */
const FREE_STREAM_BYTES = 1024;

/**
 * Time for a client to read a response beyond a limit of bytes, milliseconds. The response is in memory already, and
 * most clients read it at once.
 */
const GRACE_MS = 1_000;

/** Minimum size of a batch that waits for a turn of its own. */
const MIN_BATCH_WITH_TURN = 10;

/**
 * Admits requests, and then their messages. Each request takes a place and pays one point before its body is read. It
 * pays the rest of its cost before any message is served.
 */
@Injectable()
export class Admission {
  readonly #bytes: ByteBudget;
  readonly #finders: Finders;
  /** Callers at their limit of unread bytes. They are refused until they release some. */
  readonly #slowReaders = new Set<string>();

  constructor(
    private readonly limits: CallLimits,
    private readonly inFlight: CallsInFlight,
    private readonly stuck: StuckHandlers,
    private readonly authorization: AuthorizationService,
    private readonly selections: ToolSelections,
    search: ToolSearch,
    private readonly moduleRef: ModuleRef,
    private readonly organizations: OrganizationContexts,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    @Inject(OBSERVER) private readonly observer: Observer | undefined,
    reloads: Reloads,
  ) {
    this.#finders = { authorization, search };
    const { bodyBytes } = configuration.limits;
    this.#bytes = new ByteBudget(bodyBytes, FREE_BYTES, (caller) => this.#slowReaders.delete(caller));
    reloads.on(['MAX_BODY_BYTES', 'MAX_BODY_BYTES_PER_CALLER'], (next) =>
      this.#bytes.setLimits(next.limits.bodyBytes),
    );
  }

  /** Bytes held for requests in progress, without the free ones. */
  get heldBytes(): number {
    return this.#bytes.taken;
  }

  /**
   * Takes a place and a point for a request. The point is not refunded, so that refusals also cost something.
   *
   * @param response response that gets the rate limit headers
   * @returns the admitted request; pass it to {@link end} when it is answered
   * @throws {JsonRpcError} 429 when a limit of the caller or its organization is reached, 503 when the instance has no
   *   place
   */
  async admit(principal: Principal, request: Request, response: Response): Promise<AdmittedRequest> {
    const place = this.inFlight.enter(principal);
    try {
      const charged = this.limits.begin(principal);
      const begun = charged instanceof Promise ? await charged : charged;
      announce(
        begun.find(({ refused }) => refused),
        response,
        [],
      );
      if (typeof place === 'string') throw crowded(place, []);
      const keys = callerKeysOf(principal);
      if (this.#slowReaders.has(keys.caller)) throw tooManyBytes('caller', 'unread responses');
      const held = this.#bytes.open(keys);
      return new AdmittedRequest(principal, request, response, place, held, begun);
    } catch (error) {
      if (typeof place !== 'string') place.keep(0);
      throw error;
    }
  }

  /** Reads the body of a request; see {@link readJsonBody}. */
  readBody({ principal, request, held }: AdmittedRequest): Promise<unknown> {
    return readJsonBody(request, this.configuration.http, held, () => ownTurn(principal));
  }

  /**
   * Reads the messages of a body, and finds their targets among the tools that the client wants.
   *
   * @throws {JsonRpcError} 400 for an invalid selection of tools
   */
  readMessages(admitted: AdmittedRequest, bodies: readonly unknown[]): Message[] {
    const { principal, request, response } = admitted;
    const selection = this.#selectionOf(admitted, bodies);
    admitted.selection = selection;
    const messages = bodies.map((body) => readMessage(body, principal, this.#finders, selection));
    setMessages(response, messages);
    recordMissingTargets(messages, principal, response, this.authorization);
    nameCalledTool(request, messages);
    return messages;
  }

  /**
   * Checks the scopes of all messages, and charges for them. Call this before serving any.
   *
   * @throws {InsufficientScopeError} when the token lacks a scope, and the client is to get an HTTP challenge for it
   * @throws {JsonRpcError} as {@link charge}; 503 when a call could not be recorded
   */
  async admitMessages(admitted: AdmittedRequest, messages: readonly Message[]): Promise<AdmittedMessages> {
    const { principal, request, selection } = admitted;
    if (this.configuration.insufficientScopeAs === 'challenge') {
      this.authorization.requireScopes(principal, messages, request.headers);
    }
    if (this.observer?.refusesCalls && messages.some(({ asked }) => asked)) throw unrecorded(messages);
    await this.charge(admitted, messages);
    const { moduleRef, organizations } = this;
    const context = new RequestContext(principal, request, moduleRef, organizations, admitted, selection);
    admitted.context = context;
    return new AdmittedMessages(context, messages, this.authorization);
  }

  /**
   * Takes places for all messages and pays the rest of their cost, all or nothing.
   *
   * @param messages none for a request without a body
   * @throws {JsonRpcError} 429 when a limit of the caller or its organization is reached, 503 when the instance has no
   *   place or too many calls of a tool are stuck
   */
  async charge(
    { principal, response, place, begun }: AdmittedRequest,
    messages: readonly Message[],
  ): Promise<void> {
    const crowdedBy = place.take(messages.filter(takesPlace).length);
    if (crowdedBy) throw crowded(crowdedBy, messages);
    const costs = messages.map(costOf);
    if (this.stuck.size > 0) this.#requireUnstuck(principal, messages);
    const settled = this.limits.settle(principal, costs, begun);
    announce(settled instanceof Promise ? await settled : settled, response, messages);
    if (messages.length >= MIN_BATCH_WITH_TURN) await ownTurn(principal);
  }

  /** Ends a request. Its places and bytes are freed once no handler runs and the client has read the response. */
  end(admitted: AdmittedRequest): void {
    const { principal, response, context } = admitted;
    context?.end();
    const unread = response.writableEnded && !response.closed ? response.writableLength : 0;
    if (unread === 0) {
      admitted.end();
      return;
    }
    const refused = admitted.chargeUnread(unread);
    if (refused === undefined) {
      response.once('close', () => admitted.end());
      return;
    }
    const { caller } = callerKeysOf(principal);
    // Serving more of a caller that does not read would be wasted work.
    const block = (): void => {
      if (refused === 'caller') this.#slowReaders.add(caller);
    };
    block();
    const isOverdrawn = admitted.overdrawUnread(unread);
    const timer = isOverdrawn ? afterGrace(() => response.destroy()) : undefined;
    response.once('close', () => {
      timer?.stop();
      admitted.end();
      // The caller still leaves other responses unread.
      if (!response.writableFinished && this.#bytes.isHeldBy(caller)) block();
    });
    if (!isOverdrawn) response.destroy();
  }

  /** Opens an account for the unread bytes of an event stream that outlives its request. */
  holdUnread(principal: Principal): HeldBytes {
    return this.#bytes.open(callerKeysOf(principal), FREE_STREAM_BYTES);
  }

  #selectionOf(
    { principal, request }: AdmittedRequest,
    bodies: readonly unknown[],
  ): ToolSelection | undefined {
    try {
      return this.selections.of(principal, request.headers);
    } catch (error) {
      if (!(error instanceof InvalidSelectionError)) throw error;
      const id = bodies.length === 1 ? answerId(bodies[0]) : null;
      throw new JsonRpcError('invalid_selection', 400, INVALID_REQUEST, error.message, {}, { id });
    }
  }

  #requireUnstuck(principal: Principal, messages: readonly Message[]): void {
    for (const { asked } of messages) {
      if (asked?.kind === 'tool' && this.stuck.isFull(asked.offer, principal)) {
        throw stuckTool(asked.offer.name, messages);
      }
    }
  }
}

/** Calls back after the grace. In two steps, because a busy process may have no time to write meanwhile. */
function afterGrace(callBack: () => void): { stop(): void } {
  let timer = setTimeout(() => {
    timer = setTimeout(callBack, GRACE_MS / 2).unref();
  }, GRACE_MS / 2).unref();
  return { stop: () => clearTimeout(timer) };
}
