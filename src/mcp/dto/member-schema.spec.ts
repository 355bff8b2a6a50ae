import { createHash } from 'node:crypto';

import { Transform, Type } from 'class-transformer';
import {
  Allow,
  ArrayMaxSize,
  Equals,
  IsArray,
  IsBoolean,
  IsDate,
  IsInt,
  IsNotEmpty,
  IsObject,
  IsOptional,
  IsString,
  IsUrl,
  Length,
  Max,
  MaxLength,
  ValidateNested,
} from 'class-validator';

import { ApiProperty } from '../../../test/support/dto/api-property.js';
import { outcomeOf } from '../../../test/support/dto/outcomes.js';
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
    [/^Dto\.member is a Map, .* Use a Record<string, …> with @IsObject\(\)/, [ValidateNested()], Map],
    [/^Dto\.member is a Map/, [IsString({ each: true })], Map],
    [/^Dto\.member has no type that could be published/, [IsNotEmpty()], Map],
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

it('publishes a Map of class-transformer as an object', async () => {
  class Dto {
    @IsObject()
    @Type(() => Number)
    counts!: Map<string, number>;
  }
  expect(propertiesOf(Dto)).toEqual({ counts: { type: 'object' } });
  expect(await outcomeOf(Dto, { counts: { a: 1 } })).toEqual({ value: { counts: new Map([['a', 1]]) } });
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

      @ApiProperty({ type: 'string', isArray: true })
      @Transform(({ value }) => [...new Set(String(value).split(' '))].slice(1))
      @IsString({ each: true })
      parts!: string[];

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
      parts: { type: 'array', items: { type: 'string' } },
      filter: {},
      isOpen: {},
      more: {},
    });
  });

  it('has only its type if @Transform() returns another value of that type', () => {
    class Dto {
      @Transform(({ value }: { value: number }) => Math.round(value * 100))
      @IsInt()
      @Max(1_000)
      cents!: number;

      @Transform(({ value }: { value: string }) => (value.startsWith('http') ? value : `https://${value}`))
      @IsUrl({ require_protocol: true })
      url!: string;

      @ApiProperty({ description: 'Secret of the caller.' })
      @Transform(({ value }: { value: string }) => createHash('sha256').update(value).digest('hex'))
      @Length(64, 64)
      hash!: string;

      @Transform(({ value }: { value: string[] }) => value.map((tag) => `#${tag}`))
      @ArrayMaxSize(2)
      @MaxLength(9, { each: true })
      tags!: string[];

      @Transform(({ value }: { value: boolean }) => !value)
      @IsBoolean()
      isOpen!: boolean;

      @ApiProperty({ type: 'string' })
      @Transform(({ value }) => Date.parse(String(value)))
      @IsInt()
      at!: number;

      @Transform(({ value }: { value: number }) => new Date(value * 1_000))
      @IsDate()
      due!: Date;
    }
    expect(propertiesOf(Dto)).toEqual({
      cents: { type: 'number' },
      url: { type: 'string' },
      hash: { type: 'string', description: 'Secret of the caller.' },
      tags: { type: 'array', items: { type: 'string' } },
      isOpen: { type: 'boolean' },
      at: { type: 'string' },
      due: {},
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

      @Transform(({ value }: { value: string }) => value.trim())
      @Equals('yes')
      answer!: 'yes';

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
      answer: { const: 'yes' },
      count: { type: 'integer' },
      isOpen: { type: 'boolean' },
      due: { type: 'string' },
      tags: { type: 'array', maxItems: 2, items: { type: 'string' } },
      inner: { type: 'array', items: { type: 'object', required: ['text'] } },
    });
  });
});
