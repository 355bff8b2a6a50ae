import 'reflect-metadata';

import { Exclude, Expose, Transform, Type } from 'class-transformer';
import {
  Allow,
  ArrayMaxSize,
  ArrayUnique,
  Contains,
  Equals,
  IsArray,
  IsBoolean,
  IsDate,
  IsDateString,
  IsEmail,
  IsEnum,
  IsIn,
  IsInt,
  IsNotEmpty,
  IsNumber,
  IsObject,
  IsOptional,
  IsPositive,
  IsString,
  IsUUID,
  Length,
  Matches,
  Max,
  MaxLength,
  Min,
  registerDecorator,
  Validate,
  ValidateIf,
  ValidateNested,
  ValidatorConstraint,
  type ValidatorConstraintInterface,
} from 'class-validator';

import type { DtoOptions } from './dto-options.js';
import { fromDto } from './from-dto.js';

enum Currency {
  Euro = 'EUR',
  Dollar = 'USD',
}

enum Priority {
  Low,
  High,
}

/** Writes the same metadata as `@ApiProperty()` of @nestjs/swagger. */
const ApiProperty =
  (options: object): PropertyDecorator =>
  (prototype, name) => {
    const listed: string[] = Reflect.getMetadata('swagger/apiModelPropertiesArray', prototype) ?? [];
    Reflect.defineMetadata('swagger/apiModelPropertiesArray', [...listed, `:${String(name)}`], prototype);
    const type: unknown = Reflect.getMetadata('design:type', prototype, name);
    Reflect.defineMetadata('swagger/apiModelProperties', { type, ...options }, prototype, name);
  };

const schemaOf = (type: new () => object, options?: DtoOptions): Record<string, unknown> =>
  fromDto(type, options)['~standard'].jsonSchema.input({ target: 'draft-2020-12' });

const propertiesOf = (type: new () => object, options?: DtoOptions): object => {
  const { properties } = schemaOf(type, options);
  return typeof properties === 'object' && properties !== null ? properties : {};
};

async function outcomeOf<Dto extends object>(
  type: new () => Dto,
  input: unknown,
  options?: DtoOptions,
): Promise<{ readonly value?: Dto; readonly problems?: readonly string[] }> {
  const outcome = await fromDto(type, options)['~standard'].validate(input);
  if (!outcome.issues) return { value: outcome.value };
  return {
    problems: outcome.issues.map(({ path, message }) => {
      const where = path?.map((part) => String(typeof part === 'object' ? part.key : part)).join('.');
      return where === undefined ? message : `${where}: ${message}`;
    }),
  };
}

class LineDto {
  @IsString()
  @Length(1, 40)
  article!: string;

  @IsInt()
  @Min(1)
  @Max(99)
  count = 1;
}

class InvoiceDto {
  @ApiProperty({ description: 'Customer to bill.', example: 'ada@example.com' })
  @IsEmail()
  customer!: string;

  @IsEnum(Currency)
  currency!: Currency;

  @IsDate()
  @Type(() => Date)
  due!: Date;

  @IsArray()
  @ArrayMaxSize(3)
  @ValidateNested({ each: true })
  @Type(() => LineDto)
  lines!: LineDto[];

  @IsOptional()
  @IsString({ each: true })
  @MaxLength(10, { each: true })
  tags?: string[];
}

const invoice = {
  customer: 'ada@example.com',
  currency: 'EUR',
  due: '2027-01-31',
  lines: [{ article: 'Tea' }],
};

describe('the schema of a class', () => {
  it('describes members, nested classes, lists, enums, dates and optional members', () => {
    expect(schemaOf(InvoiceDto)).toEqual({
      type: 'object',
      properties: {
        customer: {
          type: 'string',
          format: 'email',
          description: 'Customer to bill.',
          examples: ['ada@example.com'],
        },
        currency: { type: 'string', enum: ['EUR', 'USD'] },
        due: { type: 'string', format: 'date-time' },
        lines: {
          type: 'array',
          maxItems: 3,
          items: {
            type: 'object',
            properties: {
              article: { type: 'string', minLength: 1, maxLength: 40 },
              count: { type: 'integer', minimum: 1, maximum: 99, default: 1 },
            },
            required: ['article'],
          },
        },
        tags: { type: 'array', items: { type: 'string', maxLength: 10 } },
      },
      required: ['customer', 'currency', 'due', 'lines'],
    });
  });

  it('describes limits, patterns, formats and given values', () => {
    class Dto {
      @IsPositive()
      @IsNumber()
      price!: number;

      @IsInt()
      @Max(5)
      rank!: number;

      @Matches(/^[A-Z]{2}$/)
      country!: string;

      @Matches(/^[a-z]+$/i)
      anyCase!: string;

      @IsUUID()
      id!: string;

      @IsDateString()
      day!: string;

      @IsEnum(Priority)
      priority!: Priority;

      @IsIn(['asc', 'desc'])
      order!: string;

      @Equals(true)
      confirmed!: true;

      @IsNotEmpty()
      title!: string;

      @Contains('#')
      topic!: string;

      @ArrayUnique()
      @IsBoolean({ each: true })
      flags!: boolean[];

      @IsObject()
      more!: Record<string, unknown>;

      @Allow()
      anything: unknown;
    }
    expect(propertiesOf(Dto)).toEqual({
      price: { type: 'number', exclusiveMinimum: 0 },
      rank: { type: 'integer', maximum: 5 },
      country: { type: 'string', pattern: '^[A-Z]{2}$' },
      anyCase: { type: 'string' },
      id: { type: 'string', format: 'uuid' },
      day: { type: 'string', format: 'date-time' },
      priority: { type: 'number', enum: [0, 1] },
      order: { type: 'string', enum: ['asc', 'desc'] },
      confirmed: { const: true },
      title: { type: 'string', minLength: 1 },
      topic: { type: 'string' },
      flags: { type: 'array', items: { type: 'boolean' }, uniqueItems: true },
      more: { type: 'object' },
      anything: {},
    });
    expect(schemaOf(Dto)['required']).not.toContain('anything');
  });

  it('tells an optional member from one that may be null', () => {
    class Dto {
      @ValidateIf((_dto, value) => value !== null)
      @IsString()
      nickname!: string | null;

      @ValidateIf(({ nickname }: Dto) => nickname === 'x')
      @IsString()
      reason!: string;

      @IsOptional()
      @ApiProperty({ nullable: true })
      @IsInt()
      age?: number | null;
    }
    // The union makes TypeScript record Object, so @IsString() gives the type.
    expect(schemaOf(Dto)).toEqual({
      type: 'object',
      properties: {
        nickname: { type: ['string', 'null'] },
        reason: { type: 'string' },
        age: { type: ['integer', 'null'] },
      },
      required: ['nickname'],
    });
  });

  it('follows inheritance, groups, @Expose() and @Exclude()', () => {
    class Base {
      @IsString()
      id!: string;
    }
    class Dto extends Base {
      @IsInt({ groups: ['admin'] })
      level!: number;

      @Expose({ name: 'due_date' })
      @IsDateString()
      dueDate!: string;

      @Exclude()
      @IsOptional()
      @IsString()
      secret?: string;
    }
    expect(() => schemaOf(Dto, { groups: ['user'] })).toThrow('Dto has no class-validator decorators');
    expect(Object.keys(propertiesOf(Dto, { groups: ['admin'] }))).toEqual(['level']);
    expect(Object.keys(propertiesOf(Dto, { strictGroups: true }))).toEqual(['due_date', 'id']);
  });

  it('refers to a class that contains itself', () => {
    class Folder {
      @IsString()
      name!: string;

      @IsArray()
      @ValidateNested({ each: true })
      @Type(() => Folder)
      folders!: Folder[];
    }
    class Disk {
      @ValidateNested()
      @Type(() => Folder)
      root!: Folder;
    }
    expect(propertiesOf(Folder)).toMatchObject({ folders: { items: { $ref: '#' } } });
    expect(schemaOf(Disk)).toMatchObject({
      properties: { root: { $ref: '#/$defs/Folder' } },
      $defs: { Folder: { properties: { folders: { items: { $ref: '#/$defs/Folder' } } } } },
    });
  });

  it('keeps classes of the same name apart', () => {
    const named = (name: string, inner: new () => object): new () => object => {
      class Dto {
        @ValidateNested()
        @Type(() => inner)
        inner!: object;
      }
      Object.defineProperty(Dto, 'name', { value: name });
      return Dto;
    };
    const first = class Address {
      street!: string;
    };
    const second = class Address {
      box!: number;
    };
    IsString()(first.prototype, 'street');
    IsInt()(second.prototype, 'box');
    expect(propertiesOf(named('A', first))).toMatchObject({ inner: { required: ['street'] } });
    expect(propertiesOf(named('B', second))).toMatchObject({ inner: { required: ['box'] } });
  });

  it('lists the subtypes of a discriminator', () => {
    class Shape {
      @IsString()
      color!: string;
    }
    class Circle extends Shape {
      @IsInt()
      radius!: number;
    }
    class Square extends Shape {
      @IsInt()
      side!: number;
    }
    class Drawing {
      @ValidateNested()
      @Type(() => Shape, {
        discriminator: {
          property: 'kind',
          subTypes: [
            { value: Circle, name: 'circle' },
            { value: Square, name: 'square' },
          ],
        },
      })
      shape!: Circle | Square;
    }
    expect(propertiesOf(Drawing)).toMatchObject({
      shape: {
        anyOf: [
          { properties: { kind: { const: 'circle' } }, required: ['kind', 'radius', 'color'] },
          { properties: { kind: { const: 'square' } }, required: ['kind', 'side', 'color'] },
        ],
      },
    });
  });

  it('takes descriptions from the compiler plugin of @nestjs/swagger', () => {
    class Dto {
      static _OPENAPI_METADATA_FACTORY(): object {
        return { name: { required: true, type: () => String, description: 'Name of the caller.' } };
      }

      @IsString()
      name!: string;
    }
    expect(propertiesOf(Dto)).toEqual({ name: { type: 'string', description: 'Name of the caller.' } });
  });

  it('refuses unknown members if the options forbid them', () => {
    expect(schemaOf(LineDto, { forbidNonWhitelisted: true })).toMatchObject({ additionalProperties: false });
  });
});

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
    [/^Dto\.member has no type that could be published/, [IsNotEmpty()], Map],
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

describe('the validation of a class', () => {
  it('passes an instance, with nested instances, dates and defaults, and without unknown members', async () => {
    const { value } = await outcomeOf(InvoiceDto, { ...invoice, isAdmin: true });
    expect(value).toBeInstanceOf(InvoiceDto);
    expect(value?.lines[0]).toBeInstanceOf(LineDto);
    expect(value).toEqual({ ...invoice, due: new Date('2027-01-31'), lines: [{ article: 'Tea', count: 1 }] });
  });

  it('names each invalid member once, with all that is wrong', async () => {
    const { problems } = await outcomeOf(InvoiceDto, {
      ...invoice,
      currency: undefined,
      due: 'soon',
      lines: [{ article: '', count: 0.5 }],
      tags: ['fine', 'far too long a tag'],
    });
    expect(problems).toEqual([
      'currency: is missing: must be one of the following values: EUR, USD',
      'due: must be a date, such as 2027-01-31 or 2027-01-31T09:00:00Z',
      'lines.0.article: must be longer than or equal to 1 characters',
      'lines.0.count: must not be less than 1; must be an integer number',
      'tags: each value must be shorter than or equal to 10 characters',
    ]);
  });

  it('refuses unknown members if the options forbid them', async () => {
    const { problems } = await outcomeOf(LineDto, { article: 'Tea', x: 1 }, { forbidNonWhitelisted: true });
    expect(problems).toEqual(['x: is unknown. Remove it.']);
  });

  it('reports a renamed member by its name in the input', async () => {
    class Dto {
      @Expose({ name: 'due_date' })
      @IsDateString()
      dueDate!: string;
    }
    const { problems } = await outcomeOf(Dto, { due_date: 'soon' });
    expect(problems).toEqual(['due_date: must be a valid ISO 8601 date string']);
    expect((await outcomeOf(Dto, { due_date: '2027-01-31' })).value?.dueDate).toBe('2027-01-31');
  });

  it('runs asynchronous validators, custom ones, and transforms', async () => {
    @ValidatorConstraint({ async: true })
    class IsFree implements ValidatorConstraintInterface {
      async validate(name: string): Promise<boolean> {
        return Promise.resolve(name !== 'taken');
      }

      defaultMessage(): string {
        return 'This name is taken. Choose another one.';
      }
    }
    const IsEven =
      (): PropertyDecorator =>
      ({ constructor }, propertyName) =>
        registerDecorator({
          target: constructor,
          propertyName: String(propertyName),
          validator: {
            validate: (value: number) => value % 2 === 0,
            defaultMessage: () => '$property must be even',
          },
        });
    class Dto {
      @Validate(IsFree)
      @Transform(({ value }) => String(value).trim())
      name!: string;

      @IsEven()
      count!: number;
    }
    expect(propertiesOf(Dto)).toEqual({ name: { type: 'string' }, count: { type: 'number' } });
    expect((await outcomeOf(Dto, { name: ' ada ', count: 2 })).value).toEqual({ name: 'ada', count: 2 });
    expect((await outcomeOf(Dto, { name: 'taken', count: 3 })).problems).toEqual([
      'name: This name is taken. Choose another one.',
      'count: must be even',
    ]);
  });

  it.each([
    ['one value in place of a list', { ...invoice, tags: 'one' }, 'tags: must be a list'],
    [
      'an object in place of a list',
      { ...invoice, lines: { article: 'Tea' } },
      'lines: must contain no more than 3 elements; must be an array',
    ],
    [
      'a list of lists',
      { ...invoice, lines: [[{ article: 'Tea' }]] },
      'lines.0: must be an object, not a list',
    ],
    ['a list', [invoice], 'must be an object'],
    ['a text', 'invoice', 'must be an object'],
  ])('refuses %s', async (_what, input, problem) => {
    const { problems } = await outcomeOf(InvoiceDto, input);
    expect(problems).toEqual([problem]);
  });

  it('refuses a list in place of a nested object', async () => {
    class Dto {
      @ValidateNested()
      @Type(() => LineDto)
      line!: LineDto;
    }
    expect((await outcomeOf(Dto, { line: [{ article: 'Tea' }] })).problems).toEqual([
      'line: must be an object, not a list',
    ]);
    expect((await outcomeOf(Dto, { line: { article: 'Tea' } })).value?.line).toBeInstanceOf(LineDto);
  });

  it('ignores members that would change a prototype', async () => {
    const input: unknown = JSON.parse('{"article":"Tea","__proto__":{"admin":true},"constructor":{"x":1}}');
    const { value } = await outcomeOf(LineDto, input);
    expect(value).toBeInstanceOf(LineDto);
    expect(Reflect.get(value ?? {}, 'admin')).toBeUndefined();
  });
});
