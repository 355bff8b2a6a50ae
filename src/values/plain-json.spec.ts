import { Readable } from 'node:stream';

import { plainJson } from './plain-json.js';

class Point {
  readonly x = 1;
  get y(): number {
    return 2;
  }
  distance(): number {
    return 3;
  }
}

const circular: Record<string, unknown> = { name: 'a' };
circular['list'] = [{ back: circular }];

const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)]);

describe('plainJson', () => {
  it.each<[string, unknown]>([
    ['plain data', { a: [1, 'two', { three: true }], none: null }],
    ['a Date', { at: new Date(0) }],
    ['a URL', { url: new URL('https://example.com') }],
    ['an instance of a class', new Point()],
    ['an object without a prototype', Object.assign(Object.create(null) as object, { a: 1 })],
    ['undefined members and items', { a: undefined, b: [undefined, 1] }],
    ['a toJSON that uses the name of its member', { a: { toJSON: (name: string) => `for ${name}` } }],
    ['boxed primitives', { a: Object(1), b: Object('b'), c: Object(false) }],
    ['one object twice', (([shared]) => ({ a: shared, b: shared }))([{ c: 1 }])],
    ['nesting of 200 levels', nested(200)],
  ])('copies %s as JSON.stringify writes it', (_what, value) => {
    expect(JSON.stringify(plainJson(value))).toBe(JSON.stringify(value));
  });

  it('omits a member named __proto__', () => {
    const copy = plainJson(JSON.parse('{"__proto__":{"a":1},"b":{"__proto__":1}}'));
    expect(JSON.stringify(copy)).toBe('{"b":{}}');
  });

  it('returns a copy that later changes do not affect', () => {
    const value = { list: [1] };
    const copy = plainJson(value);
    value.list.push(2);
    expect(copy).toEqual({ list: [1] });
  });

  it.each<[string, unknown, RegExp]>([
    ['a Map', new Map([['a', 1]]), /^"at\.0\.it" is a collection \(Map\)\. Convert it/],
    ['a Set', new Set([1]), /a collection \(Set\)/],
    ['URLSearchParams', new URLSearchParams('a=b'), /a collection \(URLSearchParams\)/],
    ['a Promise', Promise.resolve(1), /a promise \(Promise\)\. Await it/],
    ['a Readable', new Readable(), /a stream \(Readable\)\. Read it/],
    ['a ReadableStream', new ReadableStream(), /a stream \(ReadableStream\)/],
    ['a Blob', new Blob(['a']), /an object without members \(Blob\)\. Return its content/],
    ['a Response', new Response('a'), /an object without members \(Response\)/],
    ['a WeakMap', new WeakMap(), /an object without members \(WeakMap\)/],
    ['a RegExp', /a/, /an object without members \(RegExp\)/],
    ['an Error', new RangeError('secret'), /an error \(RangeError\)\. Throw it/],
    ['a Buffer', Buffer.from('a'), /bytes \(Buffer\)/],
    ['an ArrayBuffer', new ArrayBuffer(1), /bytes \(ArrayBuffer\)/],
    ['NaN', NaN, /is NaN\. Return null/],
    ['Infinity', -Infinity, /is -Infinity/],
    ['an invalid Date', new Date(NaN), /is an invalid Date/],
    ['a bigint', 1n, /is a bigint\. Convert it/],
    ['a function', () => 1, /is a function\. Return only data/],
    ['a symbol', Symbol('a'), /is a symbol/],
    ['deep nesting', nested(300), /is nested more than 200 levels deep/],
  ])('rejects %s and names its path', (_what, it, message) => {
    const problem = (): unknown => plainJson({ at: [{ it }] });
    expect(problem).toThrow(message);
    expect(problem).not.toThrow('secret');
  });

  it('closes every stream in a rejected value', async () => {
    const readable = new Readable({ read: () => undefined });
    const cancel = jest.fn();
    const web = new ReadableStream({ cancel });
    expect(() => plainJson({ files: [{ readable }], web, again: readable })).toThrow(/a stream/);
    await new Promise(setImmediate);
    expect(readable.destroyed).toBe(true);
    expect(cancel).toHaveBeenCalledTimes(1);
  });

  it('rejects a circular value', () => {
    expect(() => plainJson(circular)).toThrow('"list.0.back" contains itself.');
  });

  it('rejects an invalid root value', () => {
    expect(() => plainJson(new Map())).toThrow(/^The value is a collection \(Map\)/);
  });
});
