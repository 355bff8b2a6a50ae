import type { InputRequest, InputRequests } from '@modelcontextprotocol/server';

import { Interruption } from '../../process/running-call.js';
import { plainJson } from '../invocation/plain-json.js';

/** Leaves a handler that has asked its client something. Not an error: the handler runs again with the answer. */
export class InputNeeded extends Interruption {
  override readonly name = 'InputNeeded';

  constructor() {
    super('The client has to answer first. Let this pass: the handler is called again with the answer.');
  }
}

/** Thrown by a question that is asked when nobody can answer any more. */
export class CallEnded extends Interruption {
  override readonly name = 'CallEnded';

  constructor() {
    super('The call has ended, so its client cannot be asked any more.');
  }
}

/** Makes an answer of what a client sent; undefined when it is none, so that it is asked again. */
export type ReadAnswer<Answer> = (response: unknown) => Answer | undefined | Promise<Answer | undefined>;

/**
 * What a handler asks its client for, and the answers it got.
 *
 * A handler is replayed from its top in each round. What it asks is known by its key, or else by its turn, so
 * that a replayed question finds the answer of an earlier round.
 */
export class ClientInput {
  readonly #known: Readonly<Record<string, unknown>>;
  readonly #names = new Set<string>();
  readonly #used = new Map<string, unknown>();
  readonly #pending = new Map<string, InputRequest>();
  #turn = 0;
  #hasEnded = false;

  /**
   * @param responses the answers of this round, by key
   * @param earlier the answers of earlier rounds, by key
   */
  constructor(responses: Readonly<Record<string, unknown>>, earlier: Readonly<Record<string, unknown>>) {
    this.#known = { ...responses, ...earlier };
  }

  /** Whether the call has ended, so that its client can neither be asked nor told anything. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Ends the call for its handler, which may still be running. */
  end(): void {
    this.#hasEnded = true;
  }

  /**
   * The client's answer. A handler may ignore the promise: its rejection is never unhandled.
   *
   * @param request makes the question
   * @throws {InputNeeded} when it has not been given yet
   * @throws {CallEnded} when the call has ended
   */
  ask<Answer>(request: () => InputRequest, read: ReadAnswer<Answer>, key?: string): Promise<Answer> {
    const answer = this.#ask(request, read, key);
    answer.catch(() => undefined);
    return answer;
  }

  async #ask<Answer>(
    request: () => InputRequest,
    read: ReadAnswer<Answer>,
    key: string | undefined,
  ): Promise<Answer> {
    if (this.#hasEnded) throw new CallEnded();
    const name = key ?? `input-${++this.#turn}`;
    if (this.#names.has(name)) throw new TypeError(`Two questions of one call have the key "${name}".`);
    this.#names.add(name);
    if (Object.hasOwn(this.#known, name)) {
      const answer = await read(this.#known[name]);
      if (answer !== undefined) {
        this.#used.set(name, this.#known[name]);
        return answer;
      }
    }
    const needed = request();
    plainJson(needed); // refuses what could not be sent
    this.#pending.set(name, needed);
    throw new InputNeeded();
  }

  /** What the client has to answer before the handler can go on; undefined when there is nothing. */
  get pending(): InputRequests | undefined {
    return this.#pending.size === 0 ? undefined : Object.fromEntries(this.#pending);
  }

  /** The answers that the handler has had, by key. */
  get answers(): Readonly<Record<string, unknown>> {
    return Object.fromEntries(this.#used);
  }
}
