import type { ElicitResult } from '@modelcontextprotocol/client';

/** Answer of the person at the client to a question of a tool. */
export type ScriptedAnswer = ElicitResult | ((message: string) => ElicitResult);

/** One answer for all questions, or a list of answers in the order of the questions. */
export type ScriptedAnswers = ScriptedAnswer | readonly ScriptedAnswer[];

const isList = (answers: ScriptedAnswers): answers is readonly ScriptedAnswer[] => Array.isArray(answers);

/** Answers questions, and remembers them. */
export class AnswerScript {
  readonly questions: string[] = [];

  constructor(private readonly answers: ScriptedAnswers = { action: 'decline' }) {}

  /** @throws {Error} when the list of answers is exhausted */
  answer(message: string): ElicitResult {
    const { answers } = this;
    const answer = isList(answers) ? answers[this.questions.length] : answers;
    this.questions.push(message);
    if (!answer) {
      throw new Error(`The test has no answer to the question "${message}". Add one to "answers".`);
    }
    return typeof answer === 'function' ? answer(message) : answer;
  }
}
