import { randomBytes } from 'node:crypto';

import { Inject, Injectable } from '@nestjs/common';
import { createRequestStateCodec, type RequestStateCodec } from '@modelcontextprotocol/server';
import { z } from 'zod';

import { CONFIGURATION, type Configuration } from '../../config/configuration.js';
import { callerKeysOf } from '../../auth/caller-keys.js';
import type { Principal } from '../../auth/principal.js';
import { type EarlierRounds, NO_EARLIER_ROUNDS } from '../context/client-input.js';
import { digestOf } from '../../values/digest.js';

/** Maximum time for a person to answer, in seconds. */
const MAX_ANSWER_SECONDS = 600;

/** Members of a call that are the same in all its rounds. */
export interface RepeatedCall {
  readonly principal: Principal;
  readonly method: string;
  readonly name: string;
  readonly input: unknown;
}

const schema = z.object({
  call: z.string(),
  asked: z.record(z.string(), z.string()),
  answers: z.record(z.string(), z.object({ question: z.string(), response: z.unknown() })),
});

/**
 * Signs and verifies the state that a call passes to its next round through the client (MCP 2026-07-28,
 * multi-round-trip requests).
 *
 * The state expires soon and is bound to the endpoint, the caller and the call. It contains the client's own answers and digests of
 * the questions that the client was asked.
 */
@Injectable()
export class RequestState {
  readonly #codec: RequestStateCodec<z.infer<typeof schema>>;
  readonly #resourceUrl: string;

  constructor(@Inject(CONFIGURATION) { requestStateSecret, resource }: Configuration) {
    this.#resourceUrl = resource.url;
    const key = requestStateSecret ?? randomBytes(32);
    this.#codec = createRequestStateCodec({ key, ttlSeconds: MAX_ANSWER_SECONDS });
  }

  mint(call: RepeatedCall, { asked, answers }: EarlierRounds): Promise<string> {
    return this.#codec.mint({ call: this.#digestOf(call), asked: { ...asked }, answers: { ...answers } });
  }

  /** @throws when the state was not signed with this key, has expired, or was modified */
  readonly verify = async (state: string): Promise<unknown> => {
    const verify = this.#codec.verify.bind(this.#codec);
    // Omits the SDK's context, which the 2024 endpoints do not have. The codec does not use it.
    const verified: unknown = await Reflect.apply(verify, undefined, [state]);
    return verified;
  };

  /** Returns the earlier rounds, or undefined if the state belongs to another call or caller. */
  roundsOf(call: RepeatedCall, state: unknown): EarlierRounds | undefined {
    if (state === undefined) return NO_EARLIER_ROUNDS;
    const { success, data } = schema.safeParse(state);
    return success && data.call === this.#digestOf(call) ? data : undefined;
  }

  #digestOf({ principal, method, name, input }: RepeatedCall): string {
    return digestOf([this.#resourceUrl, callerKeysOf(principal).client, method, name, input ?? {}]);
  }
}
