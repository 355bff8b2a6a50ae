import { Logger } from '@nestjs/common';
import type { InputRequest, InputRequests } from '@modelcontextprotocol/server';

import { Interruption } from '../../process/running-call.js';
import { plainJson } from '../invocation/plain-json.js';
import { digestOf } from '../digest.js';

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

/** A client's response, and the digest of the question that it answers. */
export interface GivenAnswer {
  readonly question: string;
  readonly response: unknown;
}

/** What one round of a call leaves for the next. */
export interface EarlierRounds {
  /** Digests of the questions that the last round ended with, by key. */
  readonly asked: Readonly<Record<string, string>>;
  /** Answers that the handler has used, by key. */
  readonly answers: Readonly<Record<string, GivenAnswer>>;
}

export const NO_EARLIER_ROUNDS: EarlierRounds = { asked: {}, answers: {} };

const LOGGER = new Logger('ClientInput');

/**
 * What a handler asks its client for, and the answers it got.
 *
 * A handler is replayed from its top in each round. What it asks is known by its key, or else by its turn, so
 * that a replayed question finds the answer of an earlier round. An answer belongs to the very question that the
 * client was asked: once the handler asks something else under the same key, it is asked anew. A response to a
 * question that the last round did not ask is ignored.
 */
export class ClientInput {
  readonly #given = new Map<string, GivenAnswer>();
  readonly #names = new Set<string>();
  readonly #used = new Map<string, GivenAnswer>();
  readonly #pending = new Map<string, InputRequest>();
  #turn = 0;
  #hasEnded = false;

  /**
   * @param responses of the client in this round, by key; untrusted
   * @param earlier what earlier rounds left, verified
   */
  constructor(responses: Readonly<Record<string, unknown>>, { asked, answers }: EarlierRounds) {
    for (const [name, question] of Object.entries(asked)) {
      if (Object.hasOwn(responses, name)) this.#given.set(name, { question, response: responses[name] });
    }
    for (const [name, answer] of Object.entries(answers)) this.#given.set(name, answer);
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
    const question = request();
    const given = this.#given.get(name);
    if (given && given.question !== digestOfQuestion(name, question)) {
      LOGGER.debug(`The question "${name}" has changed since the client was asked, so it is asked anew.`);
    } else if (given) {
      const answer = await read(given.response);
      if (answer !== undefined) {
        this.#used.set(name, given);
        return answer;
      }
    }
    plainJson(question); // refuses what could not be sent
    this.#pending.set(name, question);
    throw new InputNeeded();
  }

  /** What the client has to answer before the handler can go on; undefined when there is nothing. */
  get pending(): InputRequests | undefined {
    return this.#pending.size === 0 ? undefined : Object.fromEntries(this.#pending);
  }

  /** What the next round has to know. */
  get rounds(): EarlierRounds {
    const asked = [...this.#pending].map(([name, question]) => [name, digestOfQuestion(name, question)]);
    return { asked: Object.fromEntries(asked), answers: Object.fromEntries(this.#used) };
  }
}

const digestOfQuestion = (name: string, question: InputRequest): string => digestOf([name, question]);
