import { EventEmitter } from 'node:events';
import { createReadStream } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { interval, Observable, of } from 'rxjs';
import { z } from 'zod';

import type { CallContext } from '../../src/mcp/index.js';

/** How a call of a tool ends for its caller. */
export type Ending = 'proof' | 'nothing' | 'error' | 'question';

interface Misbehavior {
  readonly ends: Ending;
  /** Milliseconds. */
  readonly timeout?: number;
  /** @param proof unique text of this call */
  readonly handle: (proof: string, context: CallContext) => unknown;
}

const question = (key: string) => ({ message: `${key}?`, schema: z.object({ v: z.string() }), key });
const forever = (): Promise<never> => new Promise(() => undefined);
const fail = (): never => {
  throw new Error('audit service is down');
};
const throwing = (value: unknown) => (): never => {
  throw value;
};
/** Leaves background work running and returns normally. */
const leaving = (start: (context: CallContext) => unknown): Misbehavior => ({
  ends: 'proof',
  handle: (proof, context) => {
    void start(context);
    return proof;
  },
});
const failing = (handle: Misbehavior['handle'], timeout?: number): Misbehavior => ({
  ends: 'error',
  handle,
  ...(timeout !== undefined && { timeout }),
});

/** Common mistakes of tools, by tool name. */
export const MISBEHAVIORS: Readonly<Record<string, Misbehavior>> = {
  floating_rejection: leaving(async () => {
    await sleep(5);
    fail();
  }),
  rejection_of_nothing: leaving(() => void Promise.reject()),
  throw_in_timer: leaving(() => setTimeout(fail, 5)),
  throw_in_immediate: leaving(() => setImmediate(fail)),
  throw_in_next_tick: leaving(() => process.nextTick(fail)),
  throw_in_microtask: leaving(() => queueMicrotask(fail)),
  throw_null_in_timer: leaving(() => setTimeout(throwing(null), 5)),
  throw_again_and_again: leaving(() => {
    let times = 0;
    const timer = setInterval(() => {
      if (++times === 5) clearInterval(timer);
      fail();
    }, 1);
  }),
  emitter_error: leaving(() => setTimeout(() => new EventEmitter().emit('error', new Error('lost')), 5)),
  missing_file: leaving(() => createReadStream('/no/such/file')),
  refused_connection: leaving(() => connect(1, '127.0.0.1')),
  process_warning: leaving(() => process.emitWarning('This is deprecated.', { code: 'MISBEHAVING' })),
  talks_on: leaving(async (context) => {
    await sleep(10);
    await context.progress(1);
    await context.log('info', 'late');
    await context.elicit(question('late'));
  }),
  unsendable_notification: leaving((context) => {
    const circular: Record<string, unknown> = {};
    circular['itself'] = circular;
    return context.log('emergency', circular);
  }),

  two_questions: {
    ends: 'question',
    handle: async (proof, context) => {
      const first = context.elicit(question('a'));
      const second = context.elicit(question('b'));
      return proof + JSON.stringify([await first, await second]);
    },
  },
  question_that_nobody_awaits: {
    ends: 'question',
    handle: (proof, context) => {
      void context.elicit(question('a')).then(({ action }) => action);
      void (async () => [await context.elicit(question('b'))])();
      return proof;
    },
  },

  hung: failing(forever, 40),
  listener_that_throws: failing((_proof, { signal }) => {
    signal.addEventListener('abort', fail);
    return forever();
  }, 40),
  late_rejection: failing(async () => {
    await sleep(60);
    fail();
  }, 40),
  endless_observable: failing(() => interval(5), 40),
  observable_that_cannot_be_left: failing(() => new Observable(() => fail), 40),
  slow_to_begin_an_observable: failing(async () => {
    await sleep(60);
    return interval(5);
  }, 40),
  empty_observable: { ends: 'nothing', handle: () => of() },
  generator: failing(async function* () {
    yield 1;
  }),
  busy: {
    ends: 'proof',
    handle: (proof) => {
      for (const end = performance.now() + 5; performance.now() < end;);
      return proof;
    },
  },

  circular_result: failing(() => {
    const result: Record<string, unknown> = {};
    result['itself'] = result;
    return result;
  }),
  huge_result: failing(() => 'x'.repeat(2_000_000)),
  bigint_result: failing(() => ({ count: 1n })),
  throwing_getter: failing(() => ({
    get total() {
      return fail();
    },
  })),
  throwing_to_json: failing(() => ({ toJSON: fail })),

  circular_cause: failing(() => {
    const error = new Error('a');
    error.cause = new Error('b', { cause: error });
    throw error;
  }),
  throwing_stack: failing(() => {
    throw Object.defineProperty(new Error('a'), 'stack', { get: fail });
  }),
  throws_proxy: failing(throwing(new Proxy({}, { get: fail, getPrototypeOf: fail, has: fail }))),
  throws_symbol: failing(throwing(Symbol('s'))),
  throws_null: failing(throwing(null)),
  throws_unprintable: failing(throwing({ toString: fail, toJSON: fail, [Symbol.toPrimitive]: fail })),
  huge_message: failing(throwing(new Error('x'.repeat(1_000_000)))),
};
