import { jsonCopy } from './json-copy.js';

const copies = (text: string): [unknown, unknown] => {
  const value: unknown = JSON.parse(text);
  return [value, jsonCopy(value)];
};

it.each(['null', 'true', '0', '"text"', '[]', '{}', '[1,[2,{"a":[null]}]]', '{"a":{"b":[{"c":1}]},"d":"e"}'])(
  'copies %s',
  (text) => {
    const [value, copy] = copies(text);
    expect(copy).toEqual(value);
    expect(JSON.stringify(copy)).toBe(text);
  },
);

it('shares no object with the original', () => {
  const [value, copy] = copies('{"list":[{"a":1}],"inner":{"b":{}}}');
  const objectsIn = (part: unknown): object[] =>
    typeof part === 'object' && part !== null ? [part, ...Object.values(part).flatMap(objectsIn)] : [];
  const originals = objectsIn(value);
  expect(originals).toHaveLength(5);
  expect(objectsIn(copy).filter((part) => originals.includes(part))).toEqual([]);
});

it('keeps a member named __proto__ a member', () => {
  const [, copy] = copies('{"__proto__":{"isAdmin":true},"a":{"__proto__":{"isAdmin":true}}}');
  expect(JSON.stringify(copy)).toBe('{"__proto__":{"isAdmin":true},"a":{"__proto__":{"isAdmin":true}}}');
  expect(copy).not.toHaveProperty('isAdmin');
  expect(copy).not.toHaveProperty('a.isAdmin');
});
