import { growth, LINEAR } from '../../../test/support/growth.js';
import { fromJsonSchema } from '../decorators/from-json-schema.js';
import { withoutCostly } from './without-costly.js';

describe('withoutCostly', () => {
  it('leaves out patterns and formats everywhere, and keeps members with their names', () => {
    const text = { type: 'string', pattern: '(a+)+$', format: 'date' };
    const schema = {
      type: 'object',
      properties: { default: text, enum: text, const: text, pattern: text },
      additionalProperties: { type: 'array', items: { anyOf: [text, { allOf: [text] }] } },
    };
    const left = { type: 'string' };
    expect(withoutCostly(schema)).toEqual({
      type: 'object',
      properties: { default: left, enum: left, const: left, pattern: left },
      additionalProperties: { type: 'array', items: { anyOf: [left, { allOf: [left] }] } },
    });
  });

  it('keeps the digits of an integer as a string', async () => {
    const { '~standard': standard } = fromJsonSchema(
      withoutCostly({
        type: 'object',
        properties: { id: { type: ['integer', 'string'], pattern: '^-?\\d+$' } },
      }),
    );
    expect(await standard.validate({ id: '12x' })).toHaveProperty('issues');
    expect(await standard.validate({ id: '9007199254740993' })).not.toHaveProperty('issues');
  });

  it('does not compare all items of a list with each other', async () => {
    const { '~standard': standard } = fromJsonSchema(
      withoutCostly({ type: 'array', uniqueItems: true, items: { type: 'object' } }),
    );
    const validate = (length: number): unknown =>
      standard.validate(Array.from({ length }, (_none, id) => ({ id })));
    expect(await growth(5_000, validate)).toBeLessThan(LINEAR);
  });
});
