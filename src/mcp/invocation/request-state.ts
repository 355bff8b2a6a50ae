import { randomBytes } from 'node:crypto';

import { Inject, Injectable } from '@nestjs/common';
import { createRequestStateCodec, type RequestStateCodec } from '@modelcontextprotocol/server';
import { z } from 'zod';

import { CONFIGURATION, type Configuration } from '../../config/configuration.js';
import { Reloads } from '../../config/reloads.js';
import { callerKeysOf } from '../../auth/caller-keys.js';
import type { Principal } from '../../auth/principal.js';
import { type EarlierRounds, NO_EARLIER_ROUNDS } from '../context/client-input.js';
import { digestOf } from '../../values/digest.js';

/** Maximum time for a person to answer, in seconds. */
const MAX_ANSWER_SECONDS = 600;
/**
 * The same for a client that reports progress on the question. In a session, each report restarts the time to answer.
 * Only the server keeps the state then.
 */
const MAX_REPORTED_ANSWER_SECONDS = 24 * 3_600;

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

type Codec = RequestStateCodec<z.infer<typeof schema>>;

interface Codecs {
  /** Signs states that pass through the client. */
  readonly sent: Codec;
  /** Signs states that stay in this process. */
  readonly kept: Codec;
  /** Verify states that were signed with earlier secrets. */
  readonly earlier: readonly Codec[];
}

/**
 * Signs and verifies the state that a call passes to its next round through the client (MCP 2026-07-28,
 * multi-round-trip requests).
 *
 * The state expires soon and is bound to the endpoint, the caller and the call. It contains the client's own answers and digests of
 * the questions that the client was asked.
 */
@Injectable()
export class RequestState {
  #codecs: Codecs;
  readonly #resourceUrl: string;

  constructor(@Inject(CONFIGURATION) { requestStateSecrets, resource }: Configuration, reloads: Reloads) {
    this.#resourceUrl = resource.url;
    this.#codecs = codecsOf(requestStateSecrets);
    reloads.on(['REQUEST_STATE_SECRET'], (next) => {
      // Without a secret, each instance would make up its own.
      if (!next.requestStateSecrets) return false;
      this.#codecs = codecsOf(next.requestStateSecrets);
      return true;
    });
  }

  /**
   * Signs with the first secret.
   *
   * @param isKept whether the state stays in this process
   */
  mint(call: RepeatedCall, { asked, answers }: EarlierRounds, isKept = false): Promise<string> {
    const content = { call: this.#digestOf(call), asked: { ...asked }, answers: { ...answers } };
    return (isKept ? this.#codecs.kept : this.#codecs.sent).mint(content);
  }

  /** @throws when the state was not signed with one of the secrets, has expired, or was modified */
  readonly verify = async (state: string): Promise<unknown> => {
    const { sent, earlier } = this.#codecs;
    try {
      return await verified(sent, state);
    } catch (error) {
      for (const codec of earlier) {
        const content = await verified(codec, state).catch(() => undefined);
        if (content !== undefined) return content;
      }
      throw error;
    }
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

/** Creates the codecs of the secrets, or of a random secret. */
function codecsOf([first = randomBytes(32), ...others]: readonly (string | Buffer)[] = []): Codecs {
  return {
    sent: codecOf(first, MAX_ANSWER_SECONDS),
    kept: codecOf(first, MAX_REPORTED_ANSWER_SECONDS),
    earlier: others.map((key) => codecOf(key, MAX_ANSWER_SECONDS)),
  };
}

const codecOf = (key: string | Buffer, ttlSeconds: number): Codec =>
  createRequestStateCodec({ key, ttlSeconds });

/** Verifies without the SDK's context, which the 2024 endpoints do not have. The codec does not use it. */
async function verified(codec: Codec, state: string): Promise<unknown> {
  const content: unknown = await Reflect.apply(codec.verify.bind(codec), undefined, [state]);
  return content;
}
