import type { InputRequest, InputRequests } from '@modelcontextprotocol/server';

import type { ClientChannel } from './client-channel.js';

/** Leaves a handler that has asked its client something. Not an error: the handler runs again with the answer. */
export class InputNeeded extends Error {
  override readonly name = 'InputNeeded';

  constructor() {
    super('The client has to answer first. Let this pass: the handler is called again with the answer.');
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
  readonly #channel: ClientChannel;
  readonly #known: Readonly<Record<string, unknown>>;
  readonly #used = new Map<string, unknown>();
  readonly #pending = new Map<string, InputRequest>();
  #turn = 0;

  /** @param earlier the answers of earlier rounds, by key */
  constructor(channel: ClientChannel, earlier: Readonly<Record<string, unknown>>) {
    this.#channel = channel;
    this.#known = { ...channel.responses, ...earlier };
  }

  /**
   * The client's answer.
   *
   * @throws {InputNeeded} when it has not been given yet
   */
  async ask<Answer>(request: InputRequest, read: ReadAnswer<Answer>, key?: string): Promise<Answer> {
    const name = key ?? `input-${++this.#turn}`;
    if (this.#pending.has(name) || this.#used.has(name)) {
      throw new TypeError(`Two questions of one call have the key "${name}".`);
    }
    const response = Object.hasOwn(this.#known, name)
      ? this.#known[name]
      : await this.#channel.ask?.(request);
    const answer = response === undefined ? undefined : await read(response);
    if (answer !== undefined) {
      this.#used.set(name, response);
      return answer;
    }
    this.#pending.set(name, request);
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
