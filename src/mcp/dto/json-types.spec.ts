import { Transform, Type } from 'class-transformer';
import {
  Allow,
  IsArray,
  IsBoolean,
  IsDate,
  IsDefined,
  IsEmail,
  IsInt,
  IsNotEmpty,
  IsOptional,
  IsString,
  registerDecorator,
  ValidateIf,
  ValidateNested,
} from 'class-validator';

import { CountedValidations } from '../../../test/support/dto/counted-validations.js';
import { ApiProperty } from '../../../test/support/dto/api-property.js';
import { Circle, Drawing } from '../../../test/support/dto/dtos.js';
import type { DtoOptions } from './dto-options.js';
import { fromDto } from './from-dto.js';

async function outcomeOf(type: new () => object, input: unknown, options?: DtoOptions): Promise<unknown> {
  const outcome = await fromDto(type, options)['~standard'].validate(input);
  return outcome.issues
    ? outcome.issues.map(({ path = [], message }) => [...path.map(String), message].join(': '))
    : { ...outcome.value };
}

const StartsWithX =
  (): PropertyDecorator =>
  ({ constructor }, propertyName) =>
    registerDecorator({
      target: constructor,
      propertyName: String(propertyName),
      validator: { validate: (value: string) => value.startsWith('x'), defaultMessage: () => 'no x' },
    });

class Loose {
  @IsNotEmpty()
  id!: string;

  @IsDefined()
  owner!: string;

  @IsOptional()
  name?: string;

  @IsOptional()
  @StartsWithX()
  code?: string;

  @IsOptional()
  @ApiProperty({ type: 'boolean' })
  flag?: unknown;

  @Allow()
  note?: string;

  @IsOptional()
  @Transform(({ value }: { value: unknown }) => String(value))
  text?: string;
}
const loose = { id: 'a', owner: 'b' };

class Coerced {
  @IsOptional()
  @IsBoolean()
  @Type(() => Boolean)
  on?: boolean;

  @IsOptional()
  @IsDate()
  @Type(() => Date)
  due?: Date;

  @IsOptional()
  @IsInt()
  @Type(() => Number)
  count?: number;

  @IsOptional()
  @IsString({ each: true })
  @Type(() => String)
  tags?: string[];
}

class Item {
  @IsNotEmpty()
  id!: string;

  @IsOptional()
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => Item)
  items?: Item[];
}

describe('the JSON types of the input of a class', () => {
  it.each([
    [{ id: { $ne: '' } }, 'id: must be a string, not an object'],
    [{ owner: ['b'] }, 'owner: must be a string, not a list'],
    [{ name: 5 }, 'name: must be a string, not a number'],
    [{ code: 5 }, 'code: must be a string, not a number'],
    [{ flag: 'yes' }, 'flag: must be a boolean, not a string'],
  ])('are checked where no validator does: %j', async (members, problem) => {
    expect(await outcomeOf(Loose, { ...loose, ...members })).toEqual([problem]);
  });

  it('are free with @Allow() and @Transform()', async () => {
    expect(await outcomeOf(Loose, { ...loose, note: { a: 1 }, text: 5 })).toEqual({
      ...loose,
      note: { a: 1 },
      text: '5',
    });
  });

  it.each([
    [{ on: 'false' }, 'on: must be a boolean, not a string'],
    [{ due: 1_798_675_200 }, 'due: must be a string, not a number'],
    [{ count: '' }, 'count: must be a number, not a string'],
    [{ tags: ['a', 1] }, 'tags: 1: must be a string, not a number'],
  ])('are checked before @Type() converts the value: %j', async (input, problem) => {
    expect(await outcomeOf(Coerced, input)).toEqual([problem]);
  });

  it('are checked before an implicit conversion', async () => {
    class Dto {
      @IsBoolean()
      on!: boolean;
    }
    const options = { transformOptions: { enableImplicitConversion: true } };
    expect(await outcomeOf(Dto, { on: 'false' }, options)).toEqual(['on: must be a boolean, not a string']);
    expect(await outcomeOf(Dto, { on: false }, options)).toEqual({ on: false });
  });

  it('leave an absent member to the validators', async () => {
    expect(await outcomeOf(Loose, { ...loose, name: null })).toEqual({ ...loose, name: null });
    expect(await outcomeOf(Loose, { id: null })).toEqual([
      'id: should not be empty',
      'owner: is missing: should not be null or undefined',
    ]);
  });

  it('are reported with all other problems, and once', async () => {
    class Dto {
      @IsEmail()
      email!: string;

      @IsString()
      name!: string;

      @IsArray()
      @ValidateNested({ each: true })
      @Type(() => Item)
      items!: Item[];
    }
    expect(await outcomeOf(Dto, { email: 5, name: '', items: [{ id: 1 }, { id: '' }] })).toEqual([
      'email: must be a string, not a number',
      'items: 0: id: must be a string, not a number',
      'items: 1: id: should not be empty',
    ]);
  });

  it('end the validation of input with more problems than are reported', async () => {
    const validations = new CountedValidations();
    class Counted {
      @IsNotEmpty()
      id!: string;

      @validations.counted()
      @IsOptional()
      @IsString()
      name?: string;
    }
    class Dto {
      @IsArray()
      @ValidateNested({ each: true })
      @Type(() => Counted)
      items!: Counted[];
    }
    const wrong = (length: number): object => ({ items: Array.from({ length }, () => ({ id: 1 })) });
    fromDto(Dto)['~standard'].jsonSchema.input({ target: 'draft-2020-12' });
    validations.count = 0;
    expect(await outcomeOf(Dto, wrong(1_000))).toHaveLength(21);
    expect(await outcomeOf(Coerced, { tags: Array.from({ length: 1_000 }, () => 0) })).toHaveLength(21);
    expect(validations.count).toBe(0);
  });

  it('are checked within a class that contains itself, and in subtypes', async () => {
    expect(await outcomeOf(Item, { id: 'a', items: [{ id: 'b', items: [{ id: {} }] }] })).toEqual([
      'items: 0: items: 0: id: must be a string, not an object',
    ]);
    expect(await outcomeOf(Drawing, { shape: { kind: 'circle', radius: 1, color: 5 } })).toEqual([
      'shape: color: must be a string, not a number',
    ]);
    expect(await outcomeOf(Drawing, { shape: { kind: 'circle', radius: 1, color: 'red' } })).toEqual({
      shape: Object.assign(new Circle(), { radius: 1, color: 'red' }),
    });
  });

  it('include null where the class accepts it', async () => {
    class Dto {
      @ValidateIf((_dto, value) => value !== null)
      @IsString()
      name!: string | null;
    }
    expect(await outcomeOf(Dto, { name: null })).toEqual({ name: null });
    expect(await outcomeOf(Dto, { name: 5 })).toEqual(['name: must be a string or null, not a number']);
  });
});
