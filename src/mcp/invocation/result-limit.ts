import { Inject, Injectable } from '@nestjs/common';

import { CONFIGURATION, type Configuration } from '../../config/configuration.js';
import { knownText } from '../../values/known-text.js';
import { runningCalls } from '../../process/running-call.js';
import type { RequestContext } from '../context/request-context.js';
import type { Failure } from '../failures/failure.js';
import { Refusal } from '../failures/refusal.js';

/** Minimum length that a failure message may always have, in characters. */
const MIN_ERROR_LENGTH = 1_000;

/** Limits the size of all results of a request together. */
@Injectable()
export class ResultLimit {
  readonly #limit: number;

  constructor(@Inject(CONFIGURATION) { tools }: Configuration) {
    this.#limit = tools.resultLimit;
  }

  /**
   * Counts a result and returns it.
   *
   * @throws {Refusal} when all results of the request together exceed the limit
   */
  admit<Result>(result: Result, request: RequestContext): Result {
    const size = sizeOf(result);
    const running = runningCalls.getStore();
    if (running) running.resultSize = size;
    if (request.admitResult(size, this.#limit)) return result;
    throw new Refusal(
      `The result is too large: ${size} characters, with a limit of ${this.#limit} per request. Request less data.`,
      'result_too_large',
    );
  }

  /** Counts a failure, and shortens its message to what is left of the limit. */
  shorten(failure: Failure, request: RequestContext): Failure {
    const room = Math.max(request.resultRoom(this.#limit), MIN_ERROR_LENGTH);
    const message = shortened(failure.message, room, this.#limit);
    request.admitResult(message.length, this.#limit);
    return { ...failure, message };
  }
}

function shortened(message: string, length: number, limit: number): string {
  if (message.length <= length) return message;
  const note = ` [Cut from ${message.length} characters: the limit per request is ${limit}.]`;
  return message.slice(0, length - note.length) + note;
}

/**
 * Estimates the length of a result as JSON, in characters.
 *
 * Serializing a result only to measure it would cost as much as sending it.
 *
 * @param value plain data
 */
function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 5;
  const known = knownText(value);
  if (known) return known.text.length;
  let size = 2;
  for (const name of Object.keys(value)) size += name.length + 4 + sizeOf(Reflect.get(value, name));
  return size;
}
