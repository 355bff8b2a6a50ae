import { isGeneratorObject } from 'node:util/types';

import { Logger } from '@nestjs/common';

import { messageOf } from './trace-of.js';

/** Maximum number of objects of a value to search for streams. */
const MAX_OBJECTS = 10_000;

const LOGGER = new Logger('Results');

/** Closes a generator or a stream that nobody will read. Ignores any other value. Never rejects. */
export async function closeStream(value: object): Promise<void> {
  try {
    if (!isStream(value)) return;
    // Returning the iterator of an unread stream does not close the stream.
    const destroy: unknown = Reflect.get(value, 'destroy');
    if (typeof destroy === 'function') Reflect.apply(destroy, value, []);
    else await iteratorOf(value).return?.();
  } catch (error) {
    LOGGER.warn(`A stream returned by a handler could not be closed: ${messageOf(error)}`);
  }
}

/** Closes each generator or stream in a value. Never throws. */
export function closeStreamsIn(value: unknown): void {
  const found = new Set<unknown>([value]);
  for (const one of found) {
    if (typeof one !== 'object' || one === null) continue;
    if (isStream(one)) void closeStream(one);
    else if (found.size < MAX_OBJECTS) for (const member of membersOf(one)) found.add(member);
  }
}

type Stream = AsyncIterable<unknown> | Iterator<unknown>;

const isStream = (value: object): value is Stream => isAsyncIterable(value) || isGeneratorObject(value);

const iteratorOf = (value: Stream): AsyncIterator<unknown> | Iterator<unknown> =>
  isAsyncIterable(value) ? value[Symbol.asyncIterator]() : value;

const isAsyncIterable = (value: object): value is AsyncIterable<unknown> => Symbol.asyncIterator in value;

function membersOf(value: object): unknown[] {
  try {
    return Object.values(value);
  } catch {
    return []; // a getter throws
  }
}
