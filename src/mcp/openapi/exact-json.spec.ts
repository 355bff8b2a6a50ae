import { growth, LINEAR } from '../../../test/support/growth.js';
import { changedJson } from './exact-json.js';

const same = (json: string): string => changedJson(json, (value) => value);

describe('changedJson', () => {
  it.each([
    '1234567890123456789',
    '[-1234567890123456789,1,-0.5,true,null,"x"]',
    '{"id":12345678901234567890,"ids":[9007199254740993]}',
    '{"price":1.00000000000000000001,"far":1e400}',
    '{"1234567890123456789":"1234567890123456789"}',
    String.raw`{"a":"\" 1234567890123456789 \\","b":1234567890123456789}`,
  ])('keeps %s', (json) => {
    expect(same(json)).toBe(json);
  });

  it('changes the value', () => {
    const hide = (value: unknown): unknown => ({ ...(value as object), b: undefined });
    expect(changedJson('{ "a": 1234567890123456789, "b": 1234567890123456789 }', hide)).toBe(
      '{"a":1234567890123456789}',
    );
  });

  it.each(['"', '\\', '1-', '\n'])('takes linear time for many of %j', async (part) => {
    const change = (size: number): void => {
      const text = part.repeat(size);
      same(JSON.stringify([text, text]));
    };
    expect(await growth(50_000, change)).toBeLessThan(LINEAR);
  });
});
