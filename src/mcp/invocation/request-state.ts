import { randomBytes } from 'node:crypto';

import { Inject, Injectable } from '@nestjs/common';
import { createRequestStateCodec, type RequestStateCodec } from '@modelcontextprotocol/server';
import { z } from 'zod';

import { CONFIGURATION, type Configuration } from '../../config/configuration.js';
import { callerKeysOf } from '../../auth/caller-keys.js';
import type { Principal } from '../../auth/principal.js';
import { type EarlierRounds, NO_EARLIER_ROUNDS } from '../context/client-input.js';
import { digestOf } from '../digest.js';

/** How long a person may take to answer, seconds. */
const TIME_TO_ANSWER = 600;

/** A call as its rounds have it in common. */
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
 * What one round of a call leaves for the next, in the client's hands (MCP 2026-07-28, multi-round-trip requests).
 *
 * Signed, good for a short time, and bound to the caller and to the call. It holds the client's own answers, and
 * digests of the questions that the client was asked.
 */
@Injectable()
export class RequestState {
  readonly #codec: RequestStateCodec<z.infer<typeof schema>>;

  constructor(@Inject(CONFIGURATION) { requestStateSecret }: Configuration) {
    const key = requestStateSecret ?? randomBytes(32);
    this.#codec = createRequestStateCodec({ key, ttlSeconds: TIME_TO_ANSWER });
  }

  mint(call: RepeatedCall, { asked, answers }: EarlierRounds): Promise<string> {
    return this.#codec.mint({ call: digestOfCall(call), asked: { ...asked }, answers: { ...answers } });
  }

  /** @throws when it was not minted here, has expired, or was tampered with */
  readonly verify = async (state: string): Promise<unknown> => {
    const verify = this.#codec.verify.bind(this.#codec);
    // Without the SDK's context, which the 2024 endpoints do not have: the codec binds to nothing in it.
    const verified: unknown = await Reflect.apply(verify, undefined, [state]);
    return verified;
  };

  /** What earlier rounds left; undefined where the state is that of another call or another caller. */
  roundsOf(call: RepeatedCall, state: unknown): EarlierRounds | undefined {
    if (state === undefined) return NO_EARLIER_ROUNDS;
    const { success, data } = schema.safeParse(state);
    return success && data.call === digestOfCall(call) ? data : undefined;
  }
}

const digestOfCall = ({ principal, method, name, input }: RepeatedCall): string =>
  digestOf([callerKeysOf(principal).client, method, name, input ?? {}]);
