import {
  DefaultValuePipe,
  ParseArrayPipe,
  ParseBoolPipe,
  ParseDatePipe,
  ParseEnumPipe,
  ParseFloatPipe,
  ParseIntPipe,
  ParseUUIDPipe,
} from '@nestjs/common';

import { readPipes } from './pipe-schemas.js';

enum Level {
  Low,
  High,
}

describe('pipes of a parameter', () => {
  it.each([
    [ParseIntPipe, { type: 'integer' }],
    [new ParseFloatPipe(), { type: 'number' }],
    [ParseBoolPipe, { type: 'boolean' }],
    [new ParseUUIDPipe({ version: '4' }), { type: 'string', format: 'uuid' }],
    [ParseDatePipe, { type: 'string', format: 'date-time' }],
    [new ParseEnumPipe(Level), { type: 'number', enum: [0, 1] }],
    [new ParseEnumPipe({ A: 'a', B: 2 }), { enum: ['a', 2] }],
    [new ParseEnumPipe(['x', 'y']), { type: 'string', enum: ['x', 'y'] }],
    [ParseArrayPipe, { type: 'array', items: { type: 'string' } }],
  ])('%p requires a value of its type', (pipe, schema) => {
    expect(readPipes([pipe])).toMatchObject({ schema, isRequired: true });
  });

  it.each([
    ['a default', [new DefaultValuePipe(5), ParseIntPipe]],
    ['the option of the pipe', [new ParseIntPipe({ optional: true })]],
    ['the default of the pipe', [new ParseDatePipe({ default: () => new Date(0) })]],
  ])('make a value optional by %s', (_by, pipes) => {
    expect(readPipes(pipes).isRequired).toBe(false);
  });

  it('require a value that is parsed before the default', () => {
    expect(readPipes([ParseIntPipe, new DefaultValuePipe(5)])).toMatchObject({
      isRequired: true,
      fallback: 5,
    });
  });

  it('say nothing if they are of the application', () => {
    const pipe = { transform: (value: unknown) => value };
    expect(readPipes([pipe])).toEqual({
      schema: undefined,
      isRequired: undefined,
      items: undefined,
      fallback: undefined,
    });
  });
});
