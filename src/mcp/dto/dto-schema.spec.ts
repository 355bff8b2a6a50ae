import { Exclude, Expose } from 'class-transformer';
import {
  Allow,
  ArrayUnique,
  Contains,
  Equals,
  IsBoolean,
  IsDateString,
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
  Matches,
  Max,
} from 'class-validator';

import { InvoiceDto, LineDto } from '../../../test/support/dto/dtos.js';
import { propertiesOf, schemaOf } from '../../../test/support/dto/schemas.js';

enum Priority {
  Low,
  High,
}
const ISO_DATE = 'ISO 8601 date or date and time, such as 2027-01-31 or 2027-01-31T09:00:00Z.';

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
        due: { type: 'string', description: ISO_DATE },
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
      day: { type: 'string', description: ISO_DATE },
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
