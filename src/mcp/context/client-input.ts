import { Logger } from '@nestjs/common';
import type { InputRequest, InputRequests } from '@modelcontextprotocol/server';

import { Interruption } from '../../process/running-call.js';
import { digestOf } from '../../values/digest.js';
import { jsonCopy } from '../../values/json-copy.js';
import { plainJson } from '../../values/plain-json.js';

/** Interrupts a handler that asks its client a question. Not a failure: the handler runs again with the answer. */
export class InputNeeded extends Interruption {
  override readonly name = 'InputNeeded';

  constructor() {
    super('The client must answer first. Rethrow this error: the handler runs again with the answer.');
  }
}

/** Thrown when a handler asks a question after its call has ended. */
export class CallEnded extends Interruption {
  override readonly name = 'CallEnded';

  constructor() {
    super('The call has ended. Ask questions before the handler returns.');
  }
}

/** Problems of an answer that does not match its schema. */
export class InvalidAnswer {
  constructor(readonly problems: readonly string[]) {}
}

type ReadOutcome<Answer> = Answer | InvalidAnswer | undefined;

/**
 * Parses a client's response. Returns an {@link InvalidAnswer}, or undefined for a response of another kind, so that the
 * question is asked again.
 */
export type ReadAnswer<Answer> = (response: unknown) => ReadOutcome<Answer> | Promise<ReadOutcome<Answer>>;

/** Creates a question. If it is asked again, the text names the problems of the last answer. */
export type CreateQuestion = (problems?: readonly string[]) => InputRequest;

/** Question without an answer. */
interface OpenQuestion {
  readonly question: InputRequest;
  /** The question as the client receives it. */
  readonly sent: InputRequest;
}

/** Client's response with the digest of the question that it answers. */
export interface GivenAnswer {
  readonly question: string;
  readonly response: unknown;
}

/** State that a round of a call passes to the next. */
export interface EarlierRounds {
  /** Digests of the questions that the last round left open, by key. */
  readonly asked: Readonly<Record<string, string>>;
  /** Answers that the handler has used, by key. */
  readonly answers: Readonly<Record<string, GivenAnswer>>;
}

export const NO_EARLIER_ROUNDS: EarlierRounds = { asked: {}, answers: {} };

const LOGGER = new Logger('ClientInput');

/** Questions of one round, by key. */
interface Round {
  /** Answers that the client has given so far. */
  readonly given: ReadonlyMap<string, GivenAnswer>;
  /** Keys of all questions. */
  readonly names: Set<string>;
  /** Answers that the handler has used. */
  readonly used: Map<string, GivenAnswer>;
  /** Questions without an answer. */
  readonly pending: Map<string, OpenQuestion>;
}

/**
 * Questions of a handler to its client, and the answers so far.
 *
 * Each round runs the handler from its start. A question is identified by its key, or by its position if it has no key,
 * so that a repeated question finds the answer of an earlier round. An answer is valid only for the exact question that
 * the client was asked: if the question under a key changes, the client is asked again. A response to a question that
 * the last round did not ask is ignored.
 */
export class ClientInput {
  /** Questions of this round; undefined before the first. Most handlers ask none. */
  #round: Round | undefined;
  #turn = 0;
  #hasEnded = false;

  /**
   * @param responses the client's responses in this round, by key; untrusted
   * @param earlier verified state of earlier rounds
   * @param onAnswer called with each answer that no earlier round has used
   */
  constructor(
    private readonly responses: Readonly<Record<string, unknown>>,
    private readonly earlier: EarlierRounds,
    private readonly onAnswer: (answer: unknown) => void = () => {},
  ) {}

  /** Whether the call has ended. Its client can then no longer be asked or notified. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Marks the call as ended. Its handler may still be running. */
  end(): void {
    this.#hasEnded = true;
  }

  /**
   * Returns the client's answer. A handler may ignore the promise: its rejection is never unhandled.
   *
   * @param request creates the question
   * @throws {InputNeeded} when the client has not answered yet
   * @throws {CallEnded} when the call has ended
   */
  ask<Answer>(request: CreateQuestion, read: ReadAnswer<Answer>, key?: string): Promise<Answer> {
    const answer = this.#ask(request, read, key);
    answer.catch(() => undefined);
    return answer;
  }

  async #ask<Answer>(
    request: CreateQuestion,
    read: ReadAnswer<Answer>,
    key: string | undefined,
  ): Promise<Answer> {
    if (this.#hasEnded) throw new CallEnded();
    const name = key ?? `input-${++this.#turn}`;
    const { given: allGiven, names, used, pending } = (this.#round ??= this.#begin());
    if (names.has(name))
      throw new TypeError(
        `Two questions of one call have the key "${name}". Give each question its own key.`,
      );
    names.add(name);
    const question = sendable(request());
    let sent = question;
    const given = allGiven.get(name);
    if (given && given.question !== digestOfQuestion(name, question)) {
      LOGGER.debug(
        `The question "${name}" has changed since the client answered, so the client is asked again.`,
      );
    } else if (given) {
      const answer = await read(jsonCopy(given.response)); // the next round needs the response as it was
      if (answer instanceof InvalidAnswer) {
        sent = sendable(request(answer.problems));
      } else if (answer !== undefined) {
        used.set(name, given);
        if (!Object.hasOwn(this.earlier.answers, name)) this.onAnswer(answer);
        return answer;
      }
    }
    pending.set(name, { question, sent });
    throw new InputNeeded();
  }

  #begin(): Round {
    const given = new Map<string, GivenAnswer>();
    for (const [name, question] of Object.entries(this.earlier.asked)) {
      if (Object.hasOwn(this.responses, name)) given.set(name, { question, response: this.responses[name] });
    }
    for (const [name, answer] of Object.entries(this.earlier.answers)) given.set(name, answer);
    return { given, names: new Set(), used: new Map(), pending: new Map() };
  }

  /** Open questions that the client must answer before the handler can continue; undefined if there are none. */
  get pending(): InputRequests | undefined {
    const open = [...(this.#round?.pending ?? [])].map(([name, { sent }]) => [name, sent] as const);
    return open.length > 0 ? Object.fromEntries(open) : undefined;
  }

  /** State for the next round. */
  get rounds(): EarlierRounds {
    const { pending, used } = this.#round ?? this.#begin();
    const asked = [...pending].map(([name, { question }]) => [name, digestOfQuestion(name, question)]);
    return { asked: Object.fromEntries(asked), answers: Object.fromEntries(used) };
  }
}

/** Copies a question as it will be sent, because the handler may change its parts afterwards. */
function sendable(question: InputRequest): InputRequest {
  plainJson(question); // throws if the question cannot be sent
  const copy: InputRequest = JSON.parse(JSON.stringify(question));
  return copy;
}

const digestOfQuestion = (name: string, question: InputRequest): string => digestOf([name, question]);
