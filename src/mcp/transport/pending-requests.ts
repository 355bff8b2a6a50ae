import { INTERNAL_ERROR } from '@modelcontextprotocol/server';

import type { Work } from '../context/work.js';

/** The error that answers a request which nothing else will answer. */
export const ABANDONED = {
  code: INTERNAL_ERROR,
  message:
    'The request was abandoned: no handler runs, and no client is connected that could answer its question.',
};

type RequestId = string | number;

/**
 * Requests that are not answered yet, and the questions that they have asked the client meanwhile.
 *
 * The SDK's server knows each request by a number of its own, so that a request never meets another one with the id
 * that its client chose.
 */
export class PendingRequests<Details extends { readonly work: Work }> {
  readonly #requests = new Map<RequestId, Details & { readonly id: RequestId }>();
  readonly #numbers = new Map<RequestId, number>();
  /** Requests by the questions that the client has not answered yet. */
  readonly #questions = new Map<RequestId, RequestId | undefined>();
  /** Requests for which nothing happened at the last look. */
  #idle = new Set<RequestId>();
  #lastNumber = 0;

  get size(): number {
    return this.#requests.size;
  }

  /** Whether an answer of the client is awaited. */
  get isAsking(): boolean {
    return this.#questions.size > 0;
  }

  /** Adds a request by its client's id. Returns its number. */
  add(id: RequestId, details: Details): number {
    const number = ++this.#lastNumber;
    this.#numbers.set(id, number);
    this.#requests.set(number, { ...details, id });
    return number;
  }

  /** The number of a request, by its client's id; undefined if it is not pending. */
  numberOf(id: RequestId): number | undefined {
    return this.#numbers.get(id);
  }

  /** A request by its number; undefined if it is not pending. */
  get(number: RequestId | undefined): (Details & { readonly id: RequestId }) | undefined {
    return number === undefined ? undefined : this.#requests.get(number);
  }

  /** Removes a request by its number with its questions, and returns it. */
  remove(number: RequestId): (Details & { readonly id: RequestId }) | undefined {
    const request = this.#requests.get(number);
    if (!request) return undefined;
    this.#requests.delete(number);
    this.#numbers.delete(request.id);
    for (const [question, asker] of this.#questions) if (asker === number) this.#questions.delete(question);
    return request;
  }

  /** Removes all requests, and returns them. */
  clear(): (Details & { readonly id: RequestId })[] {
    const all = [...this.#requests.values()];
    this.#requests.clear();
    this.#numbers.clear();
    this.#questions.clear();
    return all;
  }

  /**
   * Adds a question to the client. The request that asks waits for the answer: it has no handler that runs.
   *
   * @param number of the request; undefined if the question belongs to none
   * @throws {JsonRpcError} 429 or 503 when too many requests wait already
   */
  ask(question: RequestId, number: RequestId | undefined): void {
    if (!this.#waits(number)) this.get(number)?.work.pause();
    this.#questions.set(question, number);
  }

  /**
   * Removes a question that the client has answered. With its last answer, the request goes on.
   *
   * @returns whether there was such a question
   * @throws {JsonRpcError} 429 or 503 when the request cannot go on now; the client may answer again
   */
  answer(question: RequestId | undefined): boolean {
    if (question === undefined || !this.#questions.has(question)) return false;
    const number = this.#questions.get(question);
    this.#questions.delete(question);
    if (this.#waits(number)) return true;
    try {
      this.get(number)?.work.resume();
    } catch (error) {
      this.#questions.set(question, number);
      throw error;
    }
    return true;
  }

  /** Removes a question that is no longer asked. */
  withdraw(question: RequestId): void {
    this.#questions.delete(question);
  }

  /**
   * Finds requests that nothing will answer: now as at the last look, no handler of theirs runs, and they wait for no
   * client that could answer.
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
