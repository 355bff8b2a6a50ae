import type { InputRequest, LoggingLevel } from '@modelcontextprotocol/server';

import { type ClaimSchemas, DeclaredClaims } from '../auth/declared-claims.js';
import { DEFAULT_NAMES, toPrincipal } from '../auth/own-keys/own-key-claims.js';
import type { Principal } from '../auth/principal.js';
import type { Audience } from '../mcp/context/audience.js';
import { CallContext, type CalledOffer } from '../mcp/context/call-context.js';
import { IDEMPOTENCY_KEY } from '../mcp/context/idempotency-key.js';
import {
  ClientInput,
  type CreateQuestion,
  InvalidAnswer,
  NO_EARLIER_ROUNDS,
  type ReadAnswer,
} from '../mcp/context/client-input.js';
import { AnswerScript, type ClientAnswers } from './answer-script.js';
import { claimsOf, type TestCaller } from './test-caller.js';
import type { TestProgress } from './test-client.js';
import { TEST_ISSUER } from './test-issuer.js';

export interface CallContextOptions extends ClientAnswers {
  /** Caller of the handler; default a caller without scopes and organization. */
  readonly caller?: TestCaller;
  /** Schemas of the claims that the application declares. `principal.claim(name)` reads only these. */
  readonly claims?: ClaimSchemas;
  /** Cancels the call. */
  readonly signal?: AbortSignal;
  /** Time until the deadline, milliseconds; default 60,000. */
  readonly timeout?: number;
  /** Key that the client sends with the call and its retries. */
  readonly idempotencyKey?: string;
  /** Tool, resource or prompt that is used; default a tool with the name `test`. */
  readonly offer?: CalledOffer;
}

/** Context of a call for the unit test of one handler, with what the handler told its client. */
export interface RecordedCall {
  readonly context: CallContext;
  /** Questions that the handler has asked. */
  readonly questions: readonly string[];
  readonly progress: readonly TestProgress[];
  readonly logs: readonly { readonly level: LoggingLevel; readonly data: unknown }[];
  /** Announced changes: the URI of a resource, or undefined for the list of resources. */
  readonly announced: readonly { readonly uri: string | undefined; readonly audience: Audience }[];
}

/** Answers the questions of a handler at once, so that the handler runs only once. */
class ScriptedInput extends ClientInput {
  constructor(private readonly script: AnswerScript) {
    super({}, NO_EARLIER_ROUNDS);
  }

  override async ask<Answer>(request: CreateQuestion, read: ReadAnswer<Answer>): Promise<Answer> {
    const asked = request();
    const answer = await read(structuredClone(this.#answerTo(asked))); // a handler may change it
    const isInvalid = answer instanceof InvalidAnswer;
    if (answer !== undefined && !isInvalid) return answer;
    throw new Error(
      asked.method === 'elicitation/create'
        ? `The answer to the question "${asked.params.message}" does not match its schema.` +
            (isInvalid ? ` ${answer.problems.join('; ')}` : '')
        : `The answer to ${asked.method} is invalid.`,
    );
  }

  #answerTo({ method, params }: InputRequest): unknown {
    switch (method) {
      case 'elicitation/create':
        return this.script.answer(params.message);
      case 'sampling/createMessage':
        return this.script.complete(params);
      case 'roots/list':
        return this.script.listRoots();
      default:
        return method satisfies never;
    }
  }
}

/**
 * Creates the second parameter of a handler.
 *
 * @throws {InvalidTokenError} when a claim of the caller does not match its schema
 */
export function createCallContext({
  caller = {},
  claims,
  signal = new AbortController().signal,
  timeout = 60_000,
  idempotencyKey,
  offer = { kind: 'tool', name: 'test' },
  ...answers
}: CallContextOptions = {}): RecordedCall {
  const script = new AnswerScript(answers);
  const progress: TestProgress[] = [];
  const logs: { level: LoggingLevel; data: unknown }[] = [];
  const announced: { uri: string | undefined; audience: Audience }[] = [];
  const context = new CallContext(
    principalOf(caller, claims),
    () => signal,
    performance.now() + timeout,
    {
      capabilities: script.capabilities,
      progress: { token: 1, last: -Infinity },
      notify: async (_method, { progress: reached, total, message }) => {
        progress.push({
          progress: Number(reached),
          ...(typeof total === 'number' && { total }),
          ...(typeof message === 'string' && { message }),
        });
      },
      log: async (level, data) => {
        logs.push({ level, data });
      },
      responses: {},
      state: undefined,
      meta: { [IDEMPOTENCY_KEY]: idempotencyKey },
    },
    new ScriptedInput(script),
    {
      resourceUpdated: (uri, audience) => void announced.push({ uri, audience }),
      resourceListChanged: (audience) => void announced.push({ uri: undefined, audience }),
    },
    offer,
  );
  return { context, questions: script.questions, progress, logs, announced };
}

function principalOf(caller: TestCaller, schemas: ClaimSchemas | undefined): Principal {
  const payload = claimsOf(caller);
  const declared = new DeclaredClaims(schemas).readNow(payload);
  return toPrincipal(TEST_ISSUER, payload, DEFAULT_NAMES, Infinity, 0, undefined, declared);
}
