import { Transform, Type } from 'class-transformer';
import { ArrayMaxSize, Equals, IsArray, IsInt, IsOptional, IsString, ValidateNested } from 'class-validator';

import { ApiProperty } from '../../../test/support/dto/api-property.js';
import { outcomeOf } from '../../../test/support/dto/outcomes.js';

let transformed = 0;

class Line {
  @IsString()
  @Transform(({ value }: { value: unknown }) => {
    if (value === 'Tea') transformed++;
    return value;
  })
  article!: string;
}

class Order {
  @IsArray()
  @ArrayMaxSize(2, { message: 'at most two lines' })
  @ValidateNested({ each: true })
  @Type(() => Line)
  lines!: Line[];

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(1)
  @IsString({ each: true })
  @Transform(({ value }: { value: string[] }) => value.slice(0, 1))
  tags?: string[];
}

describe('long lists of a class', () => {
  it('handles no more elements of a list than it needs to refuse its length', async () => {
    transformed = 0;
    const lines = Array.from({ length: 10_000 }, () => ({ article: 'Tea' }));
    expect(await outcomeOf(Order, { lines })).toEqual({ problems: ['lines: at most two lines'] });
    expect(transformed).toBe(3);
    expect(await outcomeOf(Order, { lines: lines.slice(0, 2) })).toEqual({
      value: { lines: [{ article: 'Tea' }, { article: 'Tea' }] },
    });
  });

  it.each([
    ['a subtype', { part: { kind: 'a', lines: 'long' } }, 'part.lines'],
    ['a subtype with an optional constant', { part: { kind: 'c', lines: 'long' } }, 'part.lines'],
    ['a nullable class', { order: { lines: 'long' } }, 'order.lines'],
    [
      'a recursive class',
      { tree: { trees: [{ trees: [{ lines: 'long' }] }] } },
      'tree.trees.0.trees.0.lines',
    ],
  ])('handles no more elements than that in %s', async (_what, shape, path) => {
    class A extends Order {}
    class B {
      @IsInt()
      size!: number;
    }
    class C extends Order {
      @IsOptional()
      @Equals(true)
      isUrgent?: true;
    }
    class Tree extends Order {
      @IsOptional()
      @ValidateNested({ each: true })
      @Type(() => Tree)
      trees?: Tree[];
    }
    class Dto {
      @IsOptional()
      @ValidateNested()
      @Type(() => Order, {
        discriminator: {
          property: 'kind',
          subTypes: [
            { value: B, name: 'b' },
            { value: A, name: 'a' },
            { value: C, name: 'c' },
          ],
        },
      })
      part?: A | B | C;

      @IsOptional()
      @ApiProperty({ nullable: true })
      @ValidateNested()
      @Type(() => Order)
      order?: Order | null;

      @IsOptional()
      @ValidateNested()
      @Type(() => Tree)
      tree?: Tree;
    }
    const lines = Array.from({ length: 10_000 }, () => ({ article: 'Tea' }));
    const text = JSON.stringify(shape).replaceAll('"long"', JSON.stringify(lines));
    const input: unknown = JSON.parse(text);
    transformed = 0;
    expect((await outcomeOf(Dto, input)).problems).toContain(`${path}: at most two lines`);
    expect(transformed).toBe(3);
    expect(JSON.stringify(input)).toBe(text);
  });

  it('keeps the elements of a list that only another subtype limits', async () => {
    class Few {
      @ArrayMaxSize(2)
      @IsInt({ each: true })
      numbers!: number[];
    }
    class Many {
      @IsInt({ each: true })
      numbers!: number[];

      @IsOptional()
      @Equals(true)
      isUrgent?: true;
    }
    class Dto {
      @ValidateNested()
      @Type(() => Object, {
        discriminator: {
          property: 'kind',
          subTypes: [
            { value: Few, name: 'few' },
            { value: Many, name: 'many' },
          ],
        },
      })
      part!: Few | Many;
    }
    const part = { kind: 'many', numbers: [1, 2, 3, 4, 5] };
    expect(await outcomeOf(Dto, { part })).toEqual({ value: { part: { numbers: part.numbers } } });
    const unknown = { kind: 'none', numbers: part.numbers };
    expect(await outcomeOf(Dto, { part: unknown })).toEqual({
      problems: ['part: is of no declared type'],
    });
  });

  it('loses no element of a list that only a transformation shortens', async () => {
    expect(await outcomeOf(Order, { lines: [], tags: ['a', 'b', 'c'] })).toEqual({
      problems: ['tags: has too many elements'],
    });
  });
});
