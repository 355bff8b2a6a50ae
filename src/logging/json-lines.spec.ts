import { pino } from 'pino';

import { jsonLines, linesOf, timeMember } from './json-lines.js';
import { infoJson } from './line-log.js';

describe('jsonLines', () => {
  const texts: string[] = [];
  const write = (line: string): void => void texts.push(line);
  const complete = (fields: object): object => ({ trace_id: 'a', ...fields });
  const logger = pino(
    {
      base: { pid: 7 },
      timestamp: timeMember,
      mixin: () => ({ trace_id: 'a' }),
      mixinMergeStrategy: (fields, more) => ({ ...more, ...fields }),
    },
    { write },
  );
  let takes = true;
  const lines = jsonLines(logger, {
    write,
    offer: (line) => takes && texts.push(line) > 0,
    pid: 7,
    complete,
  });
  beforeEach(() => {
    texts.length = 0;
    logger.level = 'debug';
  });
  const untimed = (text: string | undefined): string | undefined =>
    text?.replace(/"time":"[\dT:.Z-]{24}"/, '"time":""');

  it.each([
    ['fields', { requestId: 'b', status: 200, aborted: undefined, durationMs: 0.125, nested: { a: [1] } }],
    ['no fields', {}],
    ['a field of each line', { trace_id: 'c' }],
    ['line breaks, quotes and controls', { path: 'a"\n\r\u0000\u007f\u2028\\' }],
    ['half an emoji', { subject: 'a\ud83d' }],
    ['what is not a finite number', { durationMs: Number.NaN }],
    ['what JSON cannot represent', { tenant: 10n, status: 200 }],
  ])('writes the same as pino: %s', (_what, fields) => {
    for (const level of ['debug', 'info', 'warn', 'error'] as const) {
      logger[level](fields, 'a message');
      lines[level](fields, 'a message');
    }
    const [, ...pairs] = texts.map(untimed);
    expect(texts).toHaveLength(8);
    for (let index = 0; index < pairs.length; index += 2) {
      expect(Buffer.from(pairs[index] ?? '')).toEqual(Buffer.from(untimed(texts[index]) ?? ''));
    }
  });

  it('has the level of the log, whenever that changes', () => {
    lines.debug({}, 'first');
    logger.level = 'warn';
    lines.info({}, 'second');
    expect(infoJson(lines, 'audit', '{}', 'audit')).toBe(true);
    lines.warn({}, 'third');
    expect(texts.map((text) => (JSON.parse(text) as { msg: string }).msg)).toEqual(['first', 'third']);
  });

  it.each([
    ['the log', logger],
    ['its lines', lines],
  ])('writes JSON through %s as it is, unless it is read too slowly', (_what, log) => {
    expect(infoJson(log, 'audit', '{"a":1.0}', 'audit')).toBe(true);
    expect(untimed(texts[0])).toBe('{"level":30,"time":"","pid":7,"audit":{"a":1.0},"msg":"audit"}\n');
    takes = false;
    expect(infoJson(log, 'audit', '{}', 'audit')).toBe(false);
    takes = true;
    expect(texts).toHaveLength(1);
  });
});

describe('linesOf', () => {
  it('returns a log itself that has no lines of its own', () => {
    const log = pino({ level: 'silent' });
    expect(linesOf(log)).toBe(log);
  });
});
