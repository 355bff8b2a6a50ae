import { INVALID_REQUEST } from '@modelcontextprotocol/server';

import type { Principal } from '../../auth/principal.js';
import type { Work } from '../context/work.js';
import { JsonRpcError } from '../wire/json-rpc-error.js';
import { cancelledIn } from '../wire/messages.js';
import { requireRights } from './replay-rights.js';

export type RequestId = string | number;

/** Message of either major version of the SDK. */
interface Message {
  readonly method?: string;
  readonly id?: RequestId | undefined;
  readonly params?: object | undefined;
}

/** Message for the server, under the numbers of the requests. */
interface Incoming<Passed extends Message> {
  readonly message: Passed;
  /** Number of the request that the message cancels. The request needs no response anymore. */
  readonly cancels?: number;
}

/** Request without a response yet. */
export interface PendingRequest {
  /** Caller of the request. Its handler acts with the rights of this token, also after an answer. */
  readonly principal: Principal;
  readonly work: Work;
}

/**
 * Tracks requests without a response yet, and their open questions to the client.
 *
 * For the SDK server, each request gets an internal number as its ID. Client IDs can repeat, and these numbers cannot.
 */
export class PendingRequests<Details extends PendingRequest> {
  readonly #requests = new Map<RequestId, Details & { readonly id: RequestId }>();
  readonly #numbers = new Map<RequestId, number>();
  /** Numbers of requests by the IDs of their open questions. */
  readonly #questions = new Map<RequestId, RequestId | undefined>();
  /** Requests whose places are free, from their first question until they resume. */
  readonly #paused = new Set<RequestId>();
  /** Requests that were idle at the last sweep and have not been used since. */
  #idle = new Set<RequestId>();
  #lastNumber = 0;

  get size(): number {
    return this.#requests.size;
  }

  /** Whether a question to the client is open. */
  get isAsking(): boolean {
    return this.#questions.size > 0;
  }

  /** Whether a request is in progress that does not wait for its client, even if its next handler has not begun. */
  get isWorking(): boolean {
    return this.#requests.size > this.#paused.size;
  }

  /** Numbers of the requests that wait for an answer of their client. */
  get waiting(): RequestId[] {
    return [...this.#requests.keys()].filter((number) => this.#waits(number));
  }

  /** Returns the numbers of the requests with a token. */
  of(principal: Principal): RequestId[] {
    return [...this.#requests].flatMap(([number, request]) =>
      request.principal === principal ? [number] : [],
    );
  }

  /** Adds a request with the ID that its client chose. Returns its number. */
  add(id: RequestId, details: Details): number {
    const number = ++this.#lastNumber;
    this.#numbers.set(id, number);
    this.#requests.set(number, { ...details, id });
    return number;
  }

  /** @throws {JsonRpcError} 400 when a request with this ID is pending */
  requireNew(id: RequestId): void {
    if (!this.#numbers.has(id)) return;
    throw new JsonRpcError(
      'duplicate_id',
      400,
      INVALID_REQUEST,
      'Another request with this ID is still pending. Use a different ID.',
    );
  }

  /**
   * Converts a message of the client for the server: a request gets its number as its ID, and a cancellation names that
   * number. Returns undefined for a request or a cancellation of a request that is not pending.
   */
  incoming<Passed extends Message>(message: Passed): Incoming<Passed> | undefined {
    const cancelled = cancelledIn(message);
    if (cancelled !== undefined) {
      const number = this.#numbers.get(cancelled);
      if (number === undefined) return undefined;
      return { message: { ...message, params: { ...message.params, requestId: number } }, cancels: number };
    }
    if (message.method === undefined || message.id === undefined) return { message };
    const number = this.#numbers.get(message.id);
    // The number is undefined if the request was canceled earlier in the same batch.
    return number === undefined ? undefined : { message: { ...message, id: number } };
  }

  /**
   * Converts a message of the server for the client: a response gets the ID that the client chose. Tracks questions, and
   * the withdrawal of questions.
   *
   * @param asker number of the request that sends the message
   * @throws {JsonRpcError} 429 or 503 when too many requests wait for their clients
   */
  outgoing<Sent extends Message>(message: Sent, asker: RequestId | undefined): Sent {
    const { method, id } = message;
    if (method === undefined) {
      const request = this.get(id);
      return request ? { ...message, id: request.id } : message;
    }
    if (id !== undefined) this.ask(id, asker);
    const withdrawn = cancelledIn(message);
    if (withdrawn !== undefined) this.withdraw(withdrawn);
    return message;
  }

  /** Returns a request by its number; undefined if the request is not pending. */
  get(number: RequestId | undefined): (Details & { readonly id: RequestId }) | undefined {
    return number === undefined ? undefined : this.#requests.get(number);
  }

  /** Removes and returns a request by its number. Also removes its questions. */
  remove(number: RequestId): (Details & { readonly id: RequestId }) | undefined {
    const request = this.#requests.get(number);
    if (!request) return undefined;
    this.#requests.delete(number);
    this.#numbers.delete(request.id);
    for (const [question, asker] of this.#questions) if (asker === number) this.#questions.delete(question);
    if (this.#paused.delete(number)) request.work.stopWaiting();
    return request;
  }

  /** Removes and returns all requests. */
  clear(): (Details & { readonly id: RequestId })[] {
    const all = [...this.#requests.values()];
    this.#requests.clear();
    this.#numbers.clear();
    this.#questions.clear();
    this.#paused.clear();
    return all;
  }

  /**
   * Adds a question to the client. Until the answer, the request runs no handler and frees its place.
   *
   * @param number number of the request that asks; undefined if the question belongs to no request
   * @throws {JsonRpcError} 429 or 503 when too many requests wait for their clients
   */
  ask(question: RequestId, number: RequestId | undefined): void {
    const request = this.get(number);
    if (request && number !== undefined) {
      if (!this.#paused.has(number)) request.work.pause();
      this.#paused.add(number);
      this.#idle.delete(number);
    }
    this.#questions.set(question, number);
  }

  /**
   * Removes a question that the client has answered. After the last answer, the request resumes.
   *
   * @param answering caller that answers
   * @returns whether the question was open
   * @throws {InsufficientScopeError | ForbiddenError} when the token lacks rights of the request; see
   *   {@link requireRights}. The client may answer again.
   * @throws {JsonRpcError} 429 or 503 when the request cannot resume now; the client may answer again
   */
  answer(question: RequestId | undefined, answering: Principal): boolean {
    if (question === undefined || !this.#questions.has(question)) return false;
    const number = this.#questions.get(question);
    const request = this.get(number);
    if (request) requireRights(answering, request.principal);
    this.#questions.delete(question);
    if (number === undefined) return true;
    this.#idle.delete(number);
    if (this.#waits(number)) return true;
    try {
      if (this.#paused.has(number)) request?.work.resume();
      this.#paused.delete(number);
    } catch (error) {
      this.#questions.set(question, number);
      throw error;
    }
    return true;
  }

  /** Removes a question that the server has withdrawn. */
  withdraw(question: RequestId): void {
    this.#questions.delete(question);
  }

  /** Records that the client of a request, named by the ID that the client chose, has returned. */
  touch(id: RequestId): void {
    const number = this.#numbers.get(id);
    if (number !== undefined) this.#idle.delete(number);
  }

  /**
   * Finds abandoned requests. From the last sweep to this one, they ran no handler and did not wait for a connected
   * client.
   *
   * @param canAnswer whether the client of a request is connected
   */
  abandoned(canAnswer: (details: Details) => boolean): RequestId[] {
    const before = this.#idle;
    this.#idle = new Set();
    for (const [number, request] of this.#requests) {
      const isWaiting = this.#waits(number) && canAnswer(request);
      if (!isWaiting && !request.work.isRunning) this.#idle.add(number);
    }
    return [...this.#idle].filter((number) => before.has(number));
  }

  #waits(number: RequestId | undefined): boolean {
    return number !== undefined && [...this.#questions.values()].includes(number);
  }
}
