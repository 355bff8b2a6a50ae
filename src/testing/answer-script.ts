import type {
  ClientCapabilities,
  CreateMessageRequestParams,
  CreateMessageResult,
  CreateMessageResultWithTools,
  ElicitResult,
  ListRootsResult,
  Root,
} from '@modelcontextprotocol/client';

/** Answer of the person at the client to a question of a tool. */
export type ScriptedAnswer = ElicitResult | ((message: string) => ElicitResult);

/** One answer for all questions, or a list of answers in the order of the questions. */
export type ScriptedAnswers = ScriptedAnswer | readonly ScriptedAnswer[];

/** Completion of the client's model. */
export type Completion = CreateMessageResult | CreateMessageResultWithTools;

/** Completion for all requests, or a function that completes each. */
export type ScriptedCompletion = Completion | ((parameters: CreateMessageRequestParams) => Completion);

/** Answers of a client to tools. The client declares the capabilities for them. */
export interface ClientAnswers {
  /** Answers to the questions of tools, in their order; a single answer answers all. Default: every question is declined. */
  readonly answers?: ScriptedAnswers | undefined;
  /** Completion of the client's model, for `context.sample()`. Default: the client does not support it. */
  readonly sampling?: ScriptedCompletion | undefined;
  /** Root folders of the client, for `context.listRoots()`. Default: the client does not support it. */
  readonly roots?: readonly Root[] | undefined;
}

const isList = (answers: ScriptedAnswers): answers is readonly ScriptedAnswer[] => Array.isArray(answers);

/** Answers what tools ask a client, and remembers the questions. */
export class AnswerScript {
  readonly questions: string[] = [];
  /** Capabilities of a client with these answers. */
  readonly capabilities: ClientCapabilities;

  constructor(private readonly given: ClientAnswers) {
    this.capabilities = {
      elicitation: { form: {}, url: {} },
      ...(given.sampling && { sampling: { tools: {}, context: {} } }),
      ...(given.roots && { roots: {} }),
    };
  }

  /** @throws {Error} when the list of answers is exhausted */
  answer(message: string): ElicitResult {
    const { answers = { action: 'decline' } } = this.given;
    const answer = isList(answers) ? answers[this.questions.length] : answers;
    this.questions.push(message);
    if (!answer) {
      throw new Error(`The test has no answer to the question "${message}". Add one to "answers".`);
    }
    return typeof answer === 'function' ? answer(message) : answer;
  }

  /** @throws {Error} without a completion */
  complete(parameters: CreateMessageRequestParams): Completion {
    const { sampling } = this.given;
    if (!sampling) throw new Error('The client of the test has no model. Set its completion as "sampling".');
    return typeof sampling === 'function' ? sampling(parameters) : sampling;
  }

  /** @throws {Error} without root folders */
  listRoots(): ListRootsResult {
    const { roots } = this.given;
    if (!roots) throw new Error('The client of the test has no root folders. Set them as "roots".');
    return { roots: [...roots] };
  }
}
