import { inspect } from 'node:util';

import { ConsoleLogger, Logger, type LoggerService } from '@nestjs/common';
import { pino } from 'pino';

import { NestLogger } from './nest-logger.js';

const STACK = 'Error: boom\n    at f (/srv/app.js:1:2)';
const failure = new Error('boom', { cause: new TypeError('because') });
const circular: Record<string, unknown> = { name: 'round' };
circular['self'] = circular;

/** Logger calls, with the texts that both NestJS's logger and ours must write. */
type Use = (logger: LoggerService) => void;
const USES: readonly (readonly [title: string, use: Use, texts: readonly string[]])[] = [
  ['a text', (l) => l.log('hello', 'Ctx'), ['hello', 'Ctx']],
  ['a text without a context', (l) => l.log('hello'), ['hello']],
  ['an object', (l) => l.log({ id: 'a7', deep: { er: 'x9' } }, 'Ctx'), ['id', 'a7', 'deep', 'x9', 'Ctx']],
  ['a text and an object', (l) => l.log('done', { id: 'a7' }, 'Ctx'), ['done', 'id', 'a7', 'Ctx']],
  ['an object last', (l) => l.log('done', { id: 'a7' }), ['done', 'id', 'a7']],
  ['several objects', (l) => l.warn('x', { a: 'a7' }, { b: 'b8' }, 'Ctx'), ['x', 'a7', 'b8', 'Ctx']],
  ['several texts', (l) => l.warn('one', 'two', 'three', 'Ctx'), ['one', 'two', 'three', 'Ctx']],
  ['a list', (l) => l.log(['a7', 'b8'], 'Ctx'), ['a7', 'b8', 'Ctx']],
  ['a text and an error', (l) => l.error('failed', failure, 'Ctx'), ['failed', 'boom', 'because', 'Ctx']],
  ['an error', (l) => l.error(failure), ['boom', 'nest-logger.spec', 'because', 'TypeError']],
  ['an error as a warning', (l) => l.warn(failure, 'Ctx'), ['boom', 'because', 'Ctx']],
  ['a text and a stack', (l) => l.error('failed', STACK, 'Ctx'), ['failed', 'app.js:1:2', 'Ctx']],
  ['a stack last', (l) => l.error('failed', STACK), ['failed', 'app.js:1:2']],
  ['a text for a stack', (l) => l.error('failed', 'no stack', 'Ctx'), ['failed', 'no stack', 'Ctx']],
  ['no stack', (l) => l.error('failed', undefined, 'Ctx'), ['failed', 'Ctx']],
  ['an object and a stack', (l) => l.fatal?.({ id: 'a7' }, STACK, 'Ctx'), ['a7', 'app.js:1:2', 'Ctx']],
  ['several errors', (l) => l.error('x', failure, new RangeError('r5'), 'Ctx'), ['boom', 'r5', 'RangeError']],
  [
    'an AggregateError',
    (l) => l.error(new AggregateError([new Error('e1'), new Error('e2')], 'all')),
    ['all', 'e1', 'e2'],
  ],
  [
    'a code of an error',
    (l) => l.error('x', Object.assign(new Error('no'), { code: 'E7' })),
    ['no', 'code', 'E7'],
  ],
  ['an error in an object', (l) => l.log('x', { failure }), ['failure', 'boom', 'nest-logger.spec']],
  ['a function', (l) => l.debug?.(() => 'made late', 'Ctx'), ['made late', 'Ctx']],
  ['a class', (l) => l.log(NestLogger, 'Ctx'), ['NestLogger', 'Ctx']],
  ['a Map', (l) => l.log(new Map([['k1', { v: 'v2' }]]), 'Ctx'), ['k1', 'v2']],
  ['a Set in an object', (l) => l.log('x', { set: new Set(['s1']) }), ['set', 's1']],
  ['a circular object', (l) => l.log(circular, 'Ctx'), ['round', 'self', 'Circular']],
  ['a bigint', (l) => l.log('x', { big: 12345678901234567890n }), ['big', '12345678901234567890']],
  ['a symbol', (l) => l.log(Symbol('s1')), ['s1']],
  ['undefined', (l) => l.log(undefined, 'Ctx'), ['undefined', 'Ctx']],
  ['null', (l) => l.log(null, 'Ctx'), ['null', 'Ctx']],
  ['a number that JSON cannot represent', (l) => l.log('x', { n: Number.NaN }), ['n', 'NaN']],
  ['undefined in an object', (l) => l.log('x', { gone: undefined }), ['gone', 'undefined']],
  ['a function in an object', (l) => l.log('x', { f: function named() {} }), ['f', 'named']],
  ['a date', (l) => l.verbose?.('x', { at: new Date(0) }), ['at', '1970-01-01T00:00:00.000Z']],
  ['a regular expression', (l) => l.log('x', { r: /a+/g }), ['r', '/a+/g']],
  ['a message in parts of a format', (l) => l.log('%s of %d', 'one', 2), ['%s of %d', 'one', '2']],
];

describe('NestLogger', () => {
  const lines: string[] = [];
  const ours = new NestLogger(pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) }));
  /** Returns the output of NestJS's logger. */
  function printed(use: Use): string {
    let text = '';
    const write = (chunk: string | Uint8Array): boolean => {
      text += String(chunk);
      return true;
    };
    const spies = [process.stdout, process.stderr].map((stream) =>
      jest.spyOn(stream, 'write').mockImplementation(write),
    );
    use(new ConsoleLogger({ colors: false, logLevels: ['verbose'] }));
    spies.forEach((spy) => spy.mockRestore());
    return text;
  }
  function written(use: (logger: LoggerService) => void): Record<string, unknown> {
    lines.length = 0;
    use(ours);
    expect(lines).toHaveLength(1);
    return JSON.parse(lines[0] ?? '') as Record<string, unknown>;
  }
  afterEach(() => {
    ours.resetContext();
    Logger.overrideLogger(new ConsoleLogger());
  });

  it.each(USES)(
    'writes %s in one line, with everything that NestJS’s logger prints',
    (_title, use, texts) => {
      const text = printed(use);
      const line = JSON.stringify(written(use));
      for (const part of texts) {
        expect(text).toContain(part);
        expect(line).toContain(part);
      }
    },
  );

  it('writes text, context, data and error to separate members', () => {
    const line = written((l) => l.error('failed', { id: 7 }, failure, 'Ctx'));
    expect(line).toMatchObject({
      level: 50,
      msg: 'failed',
      context: 'Ctx',
      data: { id: 7 },
      err: { name: 'Error', message: 'boom', stack: failure.stack, cause: { name: 'TypeError' } },
    });
    expect(written((l) => l.log({ level: 'x', msg: 'y' }, { id: 7 }))).toMatchObject({
      level: 30,
      data: [{ level: 'x', msg: 'y' }, { id: 7 }],
    });
  });

  it('omits object members of an error, which often contain a request with credentials', () => {
    const config = { headers: { authorization: 'Bearer secret' } };
    const error = Object.assign(new Error('no'), { status: 401, config, toJSON: () => ({ config }) });
    for (const line of [
      written((l) => l.error(error)),
      written((l) => l.error('x', error, 'Ctx')),
      written((l) => l.warn('x', { nested: { error } }, [error])),
    ]) {
      expect(JSON.stringify(line)).toContain('401');
      expect(JSON.stringify(line)).not.toContain('secret');
    }
  });

  const thrower = (): never => {
    throw new Error('thrown');
  };
  it.each<[string, unknown]>([
    [
      'a getter throws',
      {
        kept: 'k1',
        get bad() {
          return thrower();
        },
      },
    ],
    ['toJSON throws', { bad: { toJSON: thrower }, kept: 'k1' }],
    ['the stack throws', { e: Object.defineProperty(new Error('e'), 'stack', { get: thrower }), kept: 'k1' }],
    [
      'a Proxy throws',
      { bad: new Proxy({}, { get: thrower, ownKeys: thrower, getPrototypeOf: thrower }), kept: 'k1' },
    ],
    [
      'a custom inspect function throws',
      { f: Object.assign(() => {}, { [inspect.custom]: thrower }), kept: 'k1' },
    ],
    ['a cause is circular', Object.assign(failureOf('k1'), {})],
    ['__proto__ is a member', JSON.parse('{"__proto__":{"a":1},"kept":"k1"}')],
  ])('writes the rest of the line when %s', (_what, value) => {
    for (const line of [written((l) => l.log('text', value, 'Ctx')), written((l) => l.error(value, 'Ctx'))]) {
      expect(line).toMatchObject({ context: 'Ctx' });
      expect(JSON.stringify(line)).toContain('k1');
    }
  });

  it('writes the line when the message is a function or Proxy that throws', () => {
    expect(written((l) => l.log(thrower, 'Ctx'))).toMatchObject({
      context: 'Ctx',
      err: { message: 'thrown' },
    });
    const proxy = new Proxy({}, { get: thrower, getPrototypeOf: thrower });
    expect(written((l) => l.log(proxy, 'Ctx'))).toMatchObject({ context: 'Ctx' });
  });

  it('limits the length, width and depth of a line', () => {
    const wide = Array.from({ length: 1_000_000 }, () => 'x');
    let deep: object = {};
    for (let level = 0; level < 10_000; level++) deep = { deep };
    let doubling: unknown = 'x';
    for (let level = 0; level < 40; level++) doubling = [doubling, doubling];
    for (const value of ['x'.repeat(10_000_000), wide, deep, doubling, new Map([[wide, deep]])]) {
      expect(JSON.stringify(written((l) => l.log('x', { value }))).length).toBeLessThan(1_000_000);
    }
  });

  it('limits the length of a message and of a stack', () => {
    const long = 'x'.repeat(5_000_000);
    const cut = `${'x'.repeat(100_000)}[Truncated]`;
    expect(written((l) => l.log(long, 'Ctx'))).toMatchObject({ msg: cut });
    expect(written((l) => l.error('failed', `Error\n    at f (${long}`, 'Ctx'))).toMatchObject({
      msg: 'failed',
      stack: expect.stringMatching(/^Error\n    at f \(x{65000}x{30000,}\[Truncated\]$/),
    });
  });

  it('escapes control characters', () => {
    written((l) => l.log('a\u001b[2Jb\nc\u0000', { '\u001b': '\r' }));
    expect(lines[0]?.trimEnd()).not.toMatch(/\p{Cc}/u);
  });

  it('supports contexts, levels, isLevelEnabled and overrideLogger like NestJS’s logger', () => {
    Logger.overrideLogger(ours);
    const logger = new Logger('Own');
    expect(written(() => logger.log('x', { id: 7 }))).toMatchObject({
      context: 'Own',
      msg: 'x',
      data: { id: 7 },
    });
    expect(written(() => logger.error(failure))).toMatchObject({ context: 'Own', err: { message: 'boom' } });
    expect(written(() => logger.error('x', failure))).toMatchObject({ msg: 'x', err: { message: 'boom' } });
    ours.setContext('Usual');
    expect(written(() => Logger.warn({ id: 7 }))).toMatchObject({
      context: 'Usual',
      level: 40,
      data: { id: 7 },
    });

    const strict = new NestLogger(
      pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) }),
    );
    Logger.overrideLogger(strict);
    expect([Logger.isLevelEnabled('warn'), Logger.isLevelEnabled('log')]).toEqual([true, false]);
    lines.length = 0;
    const unread = jest.fn(() => 'x');
    logger.log(unread);
    logger.verbose('x');
    expect([lines, unread.mock.calls]).toEqual([[], []]);

    Logger.overrideLogger(['fatal']);
    expect(Logger.isLevelEnabled('warn')).toBe(false);
    logger.warn('x');
    expect(lines).toEqual([]);
    logger.fatal('x');
    expect(lines).toHaveLength(1);
  });
});

function failureOf(text: string): Error {
  const error = new Error(text);
  error.cause = new Error('inner', { cause: error });
  return error;
}
