import { createHash, randomBytes } from 'node:crypto';

import { Inject, Injectable } from '@nestjs/common';
import { createRequestStateCodec, type RequestStateCodec } from '@modelcontextprotocol/server';
import { z } from 'zod';

import { CONFIGURATION, type Configuration } from '../../config/configuration.js';
import { callerKeysOf } from '../../auth/caller-keys.js';
import type { Principal } from '../../auth/principal.js';

/** How long a person may take to answer, seconds. */
const TIME_TO_ANSWER = 600;

/** A call as its rounds have it in common. */
export interface RepeatedCall {
  readonly principal: Principal;
  readonly method: string;
  readonly name: string;
  readonly input: unknown;
}

const schema = z.object({ call: z.string(), answers: z.record(z.string(), z.unknown()) });

/**
 * What one round of a call leaves for the next, in the client's hands (MCP 2026-07-28, multi-round-trip requests).
 *
 * Signed, good for a short time, and bound to the caller and to the call. It holds the client's own answers and
 * nothing else.
 */
@Injectable()
export class RequestState {
  readonly #codec: RequestStateCodec<z.infer<typeof schema>>;

  constructor(@Inject(CONFIGURATION) { requestStateSecret }: Configuration) {
    const key = requestStateSecret ?? randomBytes(32);
    this.#codec = createRequestStateCodec({ key, ttlSeconds: TIME_TO_ANSWER });
  }

  mint(call: RepeatedCall, answers: Readonly<Record<string, unknown>>): Promise<string> {
    return this.#codec.mint({ call: digest(call), answers });
  }

  /** @throws when it was not minted here, has expired, or was tampered with */
  readonly verify: RequestStateCodec['verify'] = (state, context) => this.#codec.verify(state, context);

  /** The answers of earlier rounds; undefined where the state is that of another call or another caller. */
  answersOf(call: RepeatedCall, state: unknown): Readonly<Record<string, unknown>> | undefined {
    if (state === undefined) return {};
    const { success, data } = schema.safeParse(state);
    return success && data.call === digest(call) ? data.answers : undefined;
  }
}

function digest({ principal, method, name, input }: RepeatedCall): string {
  const parts = [callerKeysOf(principal).client, method, name, input ?? {}];
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}
