import { Injectable } from '@nestjs/common';
import {
  type GetPromptResult,
  type InputRequiredResult,
  isSpecType,
  ProtocolErrorCode,
} from '@modelcontextprotocol/server';

import type { AskedPrompt } from '../authorization/authorization.service.js';
import { validated } from '../failures/input-problems.js';
import type { Call } from './call.js';
import { InvocationService } from './invocation.service.js';
import { ResultLimit } from './result-limit.js';
import { plainJson } from '../../values/plain-json.js';
import { recordIn } from '../../values/record-in.js';
import { failed, inOwnWords } from '../failures/protocol-failure.js';
import { requireAllowed } from '../failures/refusal.js';
import { withoutNulls } from './without-nulls.js';

/** Use of a prompt. */
export type PromptUse = Omit<Call, 'method' | 'offer'> & {
  /** Name in the message. */
  readonly name: string;
  /** Prompt with this name; undefined if it does not exist or is hidden from the caller. */
  readonly asked: AskedPrompt | undefined;
};

/** Gets prompts. */
@Injectable()
export class Prompts {
  constructor(
    private readonly invocation: InvocationService,
    private readonly results: ResultLimit,
  ) {}

  /** @throws {ProtocolError} `-32602` when the prompt is unknown, hidden from the caller, or called with invalid arguments */
  async get({ name, asked, ...use }: PromptUse): Promise<GetPromptResult | InputRequiredResult> {
    if (!asked) {
      throw inOwnWords(ProtocolErrorCode.InvalidParams, `Unknown prompt: ${name.slice(0, 128)}`);
    }
    const { offer: prompt, decision } = asked;
    const call = { ...use, method: 'prompts/get', offer: prompt } as const;
    const outcome = await this.invocation.perform(call, async (context) => {
      requireAllowed(decision);
      const input = await validated(prompt.validate, use.input ?? {}, `The arguments of ${name}`);
      const value = await prompt.get(input, context, use.request);
      return this.results.admit(toPromptResult(value, prompt.definition.description), use.request);
    });
    if ('failure' in outcome) throw failed(outcome.failure);
    return 'needed' in outcome ? outcome.needed : outcome.result;
  }
}

/**
 * Converts the return value of a prompt method to a result. A string becomes a message of the user.
 *
 * @throws {NotJsonError} when JSON cannot represent the value
 * @throws {TypeError} when the value is not a valid prompt
 */
function toPromptResult(returned: unknown, description: string | undefined): GetPromptResult {
  const plain = plainJson(returned);
  const value = plain && withoutNulls(plain);
  const described = description === undefined ? {} : { description };
  const result =
    typeof value === 'string'
      ? { ...described, messages: [{ role: 'user', content: { type: 'text', text: value } }] }
      : Array.isArray(value)
        ? { ...described, messages: value }
        : { ...described, ...recordIn(value) };
  if (isSpecType.GetPromptResult(result)) return result;
  throw new TypeError('The prompt returned neither a string nor valid messages: see GetPromptResult.');
}
