import { Type } from 'class-transformer';
import { Allow, IsObject, IsOptional, ValidateNested } from 'class-validator';

import { outcomeOf } from '../../../test/support/dto/outcomes.js';

class Dto {
  @IsOptional()
  @IsObject()
  labels?: Record<string, unknown>;

  @IsOptional()
  @Allow()
  note?: unknown;

  @IsOptional()
  @ValidateNested({ each: true })
  @Type(() => Dto)
  parts?: Dto[];
}

const object = (size: number): object =>
  Object.fromEntries(Array.from({ length: size }, (_, index) => [`m${index}`, 0]));

describe('objects with many members', () => {
  it.each([
    ['the input', '', object(1_001)],
    ['a record', 'labels', { labels: object(1_001) }],
    ['a member of any type', 'note.0.a', { note: [{ a: object(1_001) }] }],
    ['a nested class', 'parts.0', { parts: [object(1_001)] }],
    ['an unknown member', 'other.1', { other: [1, object(1_001)] }],
  ])('are refused before class-transformer compares the members: %s', async (_what, path, input) => {
    expect(await outcomeOf(Dto, input)).toEqual({
      problems: [`${path}: has too many members. Send at most 1000.`],
    });
  });

  it('are accepted up to the maximum', async () => {
    const labels = object(1_000);
    expect(await outcomeOf(Dto, { labels, note: [labels] })).toEqual({
      value: { labels, note: [labels], parts: undefined },
    });
  });
});
