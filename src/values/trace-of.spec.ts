import { bareError, messageOf, traceOf } from './trace-of.js';

/** Creates an error with unusual members, such as those of a faulty or hostile library. */
const errorWith = (members: PropertyDescriptorMap): Error => Object.defineProperties(new Error('x'), members);
const throwing: PropertyDescriptor = {
  get: () => {
    throw new Error('The getter throws.');
  },
};
const trap = (): never => {
  throw new Error('The trap throws.');
};

describe('traceOf', () => {
  it('returns the stacks of an error and its causes, and no other member', () => {
    const cause = Object.assign(new Error('inner'), { request: { password: 'hunter2' } });
    const trace = traceOf(new TypeError('outer', { cause }));
    expect(trace).toMatch(/^TypeError: outer\n +at .*\nCaused by: Error: inner\n +at /s);
    expect(trace).not.toContain('hunter2');
  });

  it('stops at circular causes and limits a long chain', () => {
    const first = new Error('first');
    first.cause = new Error('second', { cause: first });
    expect(traceOf(first).match(/Caused by/g)).toHaveLength(1);

    let deep = new Error('0');
    for (let depth = 1; depth < 10_000; depth++) deep = new Error(String(depth), { cause: deep });
    expect(traceOf(deep).match(/Caused by/g)).toHaveLength(5);
  });

  it('lists the errors of an AggregateError', () => {
    const trace = traceOf(new AggregateError([new Error('one'), 'two', Symbol('three')], 'all failed'));
    expect(trace).toMatch(/^AggregateError: all failed\n.*\n- one\n- two\n- Symbol\(three\)$/s);
  });

  it('shortens a huge message', () => {
    const trace = traceOf(new Error('x'.repeat(1_000_000)));
    expect(trace.length).toBeLessThan(11_000);
    expect(trace).toContain('characters)');
    expect(messageOf('y'.repeat(1_000_000)).length).toBeLessThan(11_000);
  });

  it.each<[string, unknown, RegExp]>([
    ['null', null, /^null$/],
    ['undefined', undefined, /^undefined$/],
    ['a symbol', Symbol('s'), /^Symbol\(s\)$/],
    ['a text', 'out of order', /^out of order$/],
    ['a plain object', { password: 'hunter2' }, /^\[Object\]$/],
    ['an object without a prototype', Object.create(null), /Object: null prototype/],
    ['an object with a throwing toString', { toString: trap, [Symbol.toPrimitive]: trap }, /^\[Object\]$/],
    ['an error with a throwing stack', errorWith({ stack: throwing }), /^x$/],
    ['an error with a stack that is not a string', errorWith({ stack: { value: { a: 1 } } }), /^x$/],
    [
      'an error with a message that is not a string',
      errorWith({ stack: {}, message: { value: 5 } }),
      /Error/,
    ],
    ['an error with throwing members', errorWith({ stack: throwing, message: throwing }), /Error/],
    ['an error with a throwing cause', errorWith({ cause: throwing }), /^Error: x/],
    ['an error with throwing errors', errorWith({ errors: throwing }), /^Error: x/],
    ['a proxy', new Proxy(new Error('x'), { get: trap, getPrototypeOf: trap, ownKeys: trap }), /^Proxy/],
  ])('describes %s', (_what, thrown, text) => {
    expect(traceOf(thrown)).toMatch(text);
    expect(messageOf(thrown)).not.toBe('');
  });
});

describe('bareError', () => {
  it('copies any thrown value, and stops at circular causes', () => {
    const circular = new RangeError('first');
    circular.cause = new Error('second', { cause: circular });
    expect(bareError(circular)).toMatchObject({
      name: 'RangeError',
      message: 'first',
      stack: circular.stack,
    });
    expect(bareError('text')).toMatchObject({ name: 'Error', message: 'text', stack: 'Error: text' });
    expect(bareError(errorWith({ message: throwing, stack: throwing, name: throwing }))).toMatchObject({
      name: 'Error',
    });
    expect(bareError(new Proxy(new Error('x'), { getPrototypeOf: trap }))).toBeInstanceOf(Error);
  });
});
