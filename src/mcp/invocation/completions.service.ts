import { Injectable, Logger } from '@nestjs/common';
import { type CompleteResult, ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';

import type { AskedPrompt, AskedTemplate } from '../authorization/authorization.service.js';
import type { Offer } from '../catalog/offer.js';
import type { CallOrigin } from './call.js';
import { InvocationService } from './invocation.service.js';
import { ResultLimit } from './result-limit.js';
import { failed } from '../failures/protocol-failure.js';
import { requireAllowed } from '../failures/refusal.js';

/** Completion request: the argument and the value typed so far. */
export interface Typed {
  /** Prompt or template; undefined if it does not exist or is hidden from the caller. */
  readonly asked: AskedPrompt | AskedTemplate | undefined;
  readonly argument: { readonly name: string; readonly value: string };
  readonly siblings: Readonly<Record<string, string>>;
}

const LOGGER = new Logger('Completions');

/** Maximum number of values in a response (MCP specification, completion/complete). */
const MAX_VALUES = 100;

/** Proposes values for the arguments of prompts and the variables of templates. */
@Injectable()
export class Completions {
  constructor(
    private readonly invocation: InvocationService,
    private readonly results: ResultLimit,
  ) {}

  /** @throws {ProtocolError} `-32602` when the prompt or template does not exist, or the caller may not see it */
  async complete({ asked, argument, siblings }: Typed, origin: CallOrigin): Promise<CompleteResult> {
    if (!asked) {
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'Unknown prompt or resource template.');
    }
    const { offer, decision } = asked;
    const complete = offer.completions.get(argument.name);
    const input = { value: argument.value, siblings };
    const call = { ...origin, method: 'completion/complete', offer, input } as const;
    const outcome = await this.invocation.perform(call, async (context) => {
      requireAllowed(decision);
      if (!complete) return NOTHING;
      const proposals = proposed(textsOf(await complete(input, context, origin.request), offer));
      return this.results.admit(proposals, origin.request);
    });
    // A denied call is an error. A failing method returns no values, and the log has the reason.
    if ('failure' in outcome && decision.outcome !== 'allowed') throw failed(outcome.failure);
    return { completion: 'result' in outcome ? outcome.result : NOTHING };
  }
}

const NOTHING: CompleteResult['completion'] = { values: [], total: 0, hasMore: false };

const proposed = (values: readonly string[]): CompleteResult['completion'] => ({
  values: values.slice(0, MAX_VALUES),
  total: values.length,
  hasMore: values.length > MAX_VALUES,
});

/** Returns the strings of an array and skips other values. */
function textsOf(value: unknown, { name }: Offer): string[] {
  if (!Array.isArray(value)) throw new TypeError('The completion method did not return an array.');
  const texts = value.filter((text) => typeof text === 'string');
  const others = value.length - texts.length;
  if (others > 0) {
    LOGGER.warn(
      `A completion method of ${name} returned ${others} values that are not strings; they were skipped.`,
    );
  }
  return texts;
}
