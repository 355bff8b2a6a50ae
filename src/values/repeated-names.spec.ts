import { repeatedNames } from './repeated-names.js';

describe('repeatedNames', () => {
  it.each([
    ['{"a":1,"b":{"a":1},"c":[{"a":1},{"a":2}]}', []],
    ['{"a":{"b":1},"a":{"c":1},"a":2}', ['a', 'a']],
    ['{"a":{"deny":["x"],"deny":[]}}', ['a.deny']],
    ['[{"a":1,"a":2}]', ['a']],
    [String.raw`{"a":"\"a\": {","\u0061":"}"}`, ['a']],
    ['{"__proto__":1,"__proto__":2}', ['__proto__']],
    ['{"a":": {","b":"a"}', []],
    ['"a"', []],
    ['7', []],
  ])('finds them in %s', (json, expected) => {
    expect(repeatedNames(json)).toEqual(expected);
  });
});
