import { Expose, Transform, Type } from 'class-transformer';
import {
  IsDateString,
  IsEnum,
  IsInt,
  IsOptional,
  IsString,
  registerDecorator,
  Validate,
  ValidateNested,
  ValidatorConstraint,
  type ValidatorConstraintInterface,
} from 'class-validator';

import { Circle, Drawing, invoice, InvoiceDto, LineDto } from '../../../test/support/dto/dtos.js';
import { outcomeOf } from '../../../test/support/dto/outcomes.js';
import { propertiesOf } from '../../../test/support/dto/schemas.js';

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

  it('renames a member only in its own class, also for the form of a value', async () => {
    class Part {
      @IsInt()
      size!: number;

      @Expose({ name: 'all_tags' })
      @IsString({ each: true })
      tags!: string[];
    }
    class Dto {
      @Expose({ name: 'page_size' })
      @IsInt()
      size!: number;

      @Expose({ name: 'all_parts' })
      @ValidateNested({ each: true })
      @Type(() => Part)
      parts!: Part[];
    }
    const part = { size: 1, all_tags: [] };
    const parts = [part, { ...part, size: 'x' }];
    expect((await outcomeOf(Dto, { page_size: 'y', all_parts: parts })).problems).toEqual([
      'page_size: must be a number, not a string',
      'all_parts.1.size: must be a number, not a string',
    ]);
    const invalid = { page_size: 1, all_parts: [{ ...part, all_tags: 'one' }] };
    expect((await outcomeOf(Dto, invalid)).problems).toEqual([
      'all_parts.0.all_tags: must be a list, not a string',
    ]);
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
    ['one value in place of a list', { ...invoice, tags: 'one' }, 'tags: must be a list, not a string'],
    [
      'an object in place of a list',
      { ...invoice, lines: { article: 'Tea' } },
      'lines: must be a list, not an object',
    ],
    [
      'a list of lists',
      { ...invoice, lines: [[{ article: 'Tea' }]] },
      'lines.0: must be an object, not a list',
    ],
    [
      'a text in place of an object',
      { ...invoice, lines: ['Tea'] },
      'lines.0: must be an object, not a string',
    ],
    [
      'an invalid element of a list that is too long',
      {
        ...invoice,
        lines: Array.from({ length: 4 }, (_none, index) => ({ article: index === 0 ? '' : 'Tea' })),
      },
      [
        'lines: must contain no more than 3 elements',
        'lines.0.article: must be longer than or equal to 1 characters',
      ],
    ],
    ['a list', [invoice], 'must be an object'],
    ['a text', 'invoice', 'must be an object'],
  ])('refuses %s', async (_what, input, problem) => {
    const { problems } = await outcomeOf(InvoiceDto, input);
    expect(problems).toEqual([problem].flat());
  });

  it('accepts a set where class-transformer makes one of a list', async () => {
    class Dto {
      @IsString({ each: true })
      @Type(() => String)
      tags!: Set<string>;
    }
    expect((await outcomeOf(Dto, { tags: ['a', 'b'] })).value?.tags).toEqual(new Set(['a', 'b']));
    expect((await outcomeOf(Dto, { tags: [1] })).problems).toEqual([
      'tags.0: must be a string, not a number',
    ]);
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

  it('refuses the names of a numeric enum', async () => {
    enum Level {
      Low,
      High,
    }
    class Dto {
      @IsEnum(Level)
      level!: Level;

      @IsOptional()
      @IsEnum(Level, { each: true })
      levels?: Level[];
    }
    const valid = { level: 0, levels: [1] };
    expect((await outcomeOf(Dto, valid)).value).toEqual(valid);
    expect((await outcomeOf(Dto, { level: 'Low', levels: [1, 'High'] })).problems).toEqual([
      'level: must be a number, not a string',
      'levels.1: must be a number, not a string',
    ]);
    expect((await outcomeOf(Dto, { level: 2 })).problems).toEqual([
      'level: must be one of the following values: 0, 1',
    ]);
  });

  it('ignores members that would change a prototype', async () => {
    const input: unknown = JSON.parse('{"article":"Tea","__proto__":{"admin":true},"constructor":{"x":1}}');
    const { value } = await outcomeOf(LineDto, input);
    expect(value).toBeInstanceOf(LineDto);
    expect(Reflect.get(value ?? {}, 'admin')).toBeUndefined();
  });

  it('refuses an object that is none of the declared subtypes', async () => {
    const circle = { kind: 'circle', radius: 1, color: 'red' };
    expect((await outcomeOf(Drawing, { shape: circle })).value?.shape).toBeInstanceOf(Circle);
    expect((await outcomeOf(Drawing, { shape: { ...circle, kind: 'cube' } })).problems).toEqual([
      'shape: is of no declared type',
    ]);
  });
});
