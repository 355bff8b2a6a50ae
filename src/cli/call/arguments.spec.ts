import { UsageError } from '../terminal/usage-error.js';
import { readArguments } from './arguments.js';

const schema = {
  type: 'object',
  properties: { name: { type: 'string' }, count: { type: 'integer' } },
} as const;

describe('readArguments', () => {
  it('converts text to the types of the schema', () => {
    const given = { arg: ['name=7', 'count=7'], jsonArg: ['count=[8]'] };
    expect(readArguments(given, schema)).toEqual({ name: '7', count: [8] });
  });

  it.each([
    ['nam=Saif', 'The tool has no argument "nam". Did you mean "name"? It has: name, count.'],
    ['__proto__=1', 'The tool has no argument "__proto__". It has: name, count.'],
  ])('names an argument that the tool does not have: %s', (given, message) => {
    for (const described of [schema, { ...schema, additionalProperties: false }]) {
      expect(() => readArguments({ arg: [given] }, described)).toThrow(new UsageError(message));
      expect(() => readArguments({ jsonArg: [given] }, described)).toThrow(UsageError);
    }
  });

  it.each([{ additionalProperties: true }, { additionalProperties: { type: 'string' } }, { anyOf: [{}] }])(
    'leaves an argument to the server if the schema has %j',
    (further) => {
      expect(readArguments({ arg: ['nam=Saif'] }, { ...schema, ...further })).toEqual({ nam: 'Saif' });
    },
  );
});
