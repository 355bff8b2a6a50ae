import { queryValue } from './query-value.js';

describe('queryValue', () => {
  it.each([
    [{ type: 'integer' }, ['2'], 2],
    [{ type: 'integer' }, ['2.5'], undefined],
    [{ type: 'integer' }, ['12345678901234567890'], undefined],
    [{ type: 'integer' }, [''], undefined],
    [{ type: 'number' }, ['12345678901234567890'], undefined],
    [{ type: ['number', 'null'] }, ['2.5'], 2.5],
    [{ type: 'number' }, ['Infinity'], undefined],
    [{ oneOf: [{ type: 'boolean' }, { type: 'null' }] }, ['false'], false],
    [{ type: 'boolean' }, ['yes'], undefined],
    [{ type: ['integer', 'string'] }, ['007'], '007'],
    [{}, ['2'], '2'],
    [{ type: 'string' }, ['a', 'b'], undefined],
    [{ type: 'string' }, [], undefined],
    [{ anyOf: [{ type: 'array', items: { type: 'integer' } }] }, ['1', '2'], [1, 2]],
    [{ type: 'array', items: { type: 'integer' } }, ['1', 'x'], undefined],
    [{ type: 'object' }, ['x'], undefined],
  ])('converts by %j the texts %j', (schema, texts, value) => {
    expect(queryValue(schema, texts)).toEqual(value);
  });
});
