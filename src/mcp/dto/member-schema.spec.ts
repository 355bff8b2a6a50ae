import { Transform, Type } from 'class-transformer';
import {
  Allow,
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsDate,
  IsInt,
  IsNotEmpty,
  IsObject,
  IsOptional,
  IsString,
  MaxLength,
  ValidateNested,
} from 'class-validator';

import { ApiProperty } from '../../../test/support/dto/api-property.js';
import { propertiesOf, schemaOf } from '../../../test/support/dto/schemas.js';

describe('a class whose schema cannot be derived', () => {
  class Inner {
    @IsString()
    text!: string;
  }

  it.each<[problem: RegExp, decorators: readonly PropertyDecorator[], type: unknown]>([
    [/^Dto\.member must be a Date.*@Type\(\(\) => Date\)/, [IsDate()], Date],
    [/^Dto\.member has @ValidateNested\(\) but no @Type\(\)/, [ValidateNested()], Inner],
    [/^Dto\.member has @ValidateNested\(\) but no @Type\(\)/, [ValidateNested({ each: true })], Array],
    [/^Dto\.member is a Inner whose decorators would not run/, [IsObject(), Type(() => Inner)], Inner],
    [/^Dto\.member has no type that could be published/, [IsArray()], Array],
    [/^Dto\.member has no type that could be published/, [IsNotEmpty()], Object],
    [/^Dto\.member is a Map, .* Use a Record<string, …> with @IsObject\(\)/, [IsNotEmpty()], Map],
    [/^Dto\.member is a Map/, [IsString({ each: true })], Map],
    [/^Dto\.member is a list, .* type string, .*Add \{ each: true \}/, [IsString()], Array],
    [/^Dto\.member is a list/, [MaxLength(9), IsString({ each: true })], Array],
    [/^Dto\.member is a list/, [IsString(), ApiProperty({ type: [String] })], Array],
    [
      /^Dto\.member has decorators that contradict each other: boolean and string/,
      [IsBoolean(), IsString()],
      String,
    ],
    [/^Dto\.member has no class-validator decorator/, [ApiProperty({})], String],
  ])('fails with %s', (problem, decorators, type) => {
    class Dto {
      @IsString()
      other!: string;
    }
    Reflect.defineMetadata('design:type', type, Dto.prototype, 'member');
    for (const decorate of decorators) decorate(Dto.prototype, 'member');
    expect(() => schemaOf(Dto)).toThrow(problem);
  });

  it('names every such member, and a class without decorators', () => {
    class Dto {
      @IsDate()
      a!: Date;

      @IsArray()
      b!: unknown[];
    }
    class Empty {
      name!: string;
    }
    expect(() => schemaOf(Dto)).toThrow(/Dto\.a .*Dto\.b /);
    expect(() => schemaOf(Empty)).toThrow('Empty has no class-validator decorators');
  });
});

describe('a member that accepts another input than its type', () => {
  it('is any value with @Allow()', () => {
    class Inner {
      @IsString()
      text!: string;
    }
    class Dto {
      @Allow()
      note!: string;

      @Allow()
      rows!: unknown[];

      @Allow()
      @Type(() => Inner)
      inner!: Inner;

      @Allow()
      @IsNotEmpty()
      filled: unknown;
    }
    expect(schemaOf(Dto)).toEqual({
      type: 'object',
      properties: { note: {}, rows: {}, inner: {}, filled: {} },
      required: ['filled'],
    });
  });

  it('has no type if @Transform() does not accept that type', () => {
    const split = ({ value }: { value: string }): string[] => value.split(',');
    class Dto {
      @Transform(split)
      @IsString({ each: true })
      tags!: string[];

      @ApiProperty({ type: String, description: 'Names, separated by commas.' })
      @Transform(split)
      @IsString({ each: true })
      names!: string[];

      @ApiProperty({ type: [String] })
      @Transform(split)
      @IsString({ each: true })
      words!: string[];

      @Transform(({ value }) => JSON.parse(String(value)))
      @IsObject()
      filter!: object;

      @Transform(({ value }) => value === 'true')
      @IsBoolean()
      isOpen!: boolean;

      @IsOptional()
      @Transform(({ value }: { value: object }) => new Map(Object.entries(value)))
      more?: Map<string, unknown>;
    }
    expect(propertiesOf(Dto)).toEqual({
      tags: {},
      names: { type: 'string', description: 'Names, separated by commas.' },
      words: {},
      filter: {},
      isOpen: {},
      more: {},
    });
  });

  it('keeps its type if @Transform() accepts that type', () => {
    class Inner {
      @IsString()
      text!: string;
    }
    class Dto {
      @Transform(({ value }: { value?: string }) => value?.trim().toLowerCase())
      @MaxLength(9)
      name!: string;

      @Transform(({ value }: { value: string }) => Number.parseInt(value, 10))
      @IsInt()
      count!: number;

      @Transform(({ value }: { value: string }) => [true, 'true'].includes(value))
      @IsBoolean()
      isOpen!: boolean;

      @Transform(({ value }: { value: string }) => new Date(value))
      @IsDate()
      due!: Date;

      @Transform(({ value }) => [value].flat())
      @ArrayMaxSize(2)
      @IsString({ each: true })
      tags!: string[];

      @Transform(({ value }) => value)
      @ValidateNested({ each: true })
      @Type(() => Inner)
      inner!: Inner[];
    }
    expect(propertiesOf(Dto)).toMatchObject({
      name: { type: 'string', maxLength: 9 },
      count: { type: 'integer' },
      isOpen: { type: 'boolean' },
      due: { type: 'string' },
      tags: { type: 'array', maxItems: 2, items: { type: 'string' } },
      inner: { type: 'array', items: { type: 'object', required: ['text'] } },
    });
  });
});
