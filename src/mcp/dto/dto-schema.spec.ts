import { randomUUID } from 'node:crypto';

import { Exclude, Expose, Type } from 'class-transformer';
import {
  Allow,
  ArrayUnique,
  Contains,
  Equals,
  IsArray,
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
  ValidateIf,
  ValidateNested,
} from 'class-validator';

import { ApiProperty } from '../../../test/support/dto/api-property.js';
import { Drawing, InvoiceDto, LineDto } from '../../../test/support/dto/dtos.js';
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

  it('requires no member whose validation depends on another member', () => {
    class Contact {
      @ValidateIf(({ phone }: Contact) => !phone)
      @IsString()
      email?: string;

      @ValidateIf(({ email }: Contact) => !email)
      @IsString()
      phone?: string;

      @ValidateIf(({ email }: Contact) => email === undefined || email.startsWith('x'))
      @IsString()
      note?: string;

      @IsString({ validateIf: ({ phone }: Contact) => !phone })
      @IsNotEmpty({ validateIf: (_dto, value) => value !== undefined })
      street?: string;

      @ValidateIf(({ city }: Contact) => Reflect.get({ null: '', undefined: 'yes' }, String(city)))
      @IsString()
      city!: string | null;

      @IsString({ validateIf: () => true })
      country!: string;
    }
    expect(schemaOf(Contact)).toMatchObject({
      properties: { email: { type: 'string' }, city: { type: ['string', 'null'] } },
      required: ['city', 'country'],
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

  it('leaves out members of other groups and versions of @Expose()', () => {
    class Dto {
      @IsString()
      name!: string;

      @Expose({ groups: ['admin'] })
      @IsInt()
      level!: number;

      @Expose({ since: 2 })
      @IsInt()
      next!: number;

      @Expose({ until: 2 })
      @IsInt()
      last!: number;
    }
    const membersFor = (transformOptions: object): string[] =>
      Object.keys(propertiesOf(Dto, { transformOptions }));
    expect(membersFor({})).toEqual(['name', 'next', 'last']);
    expect(membersFor({ groups: ['user'] })).toEqual(['name', 'next', 'last']);
    expect(membersFor({ groups: ['admin'], version: 1 })).toEqual(['name', 'level', 'last']);
    expect(membersFor({ version: 2 })).toEqual(['name', 'next']);
  });

  it('publishes an initial value unless each object has another one', () => {
    class Dto {
      @IsString()
      id = randomUUID();

      @IsInt()
      at = Date.now();

      @IsArray()
      @IsString({ each: true })
      tags: string[] = [];

      @Expose({ name: 'page_size' })
      @IsInt()
      pageSize = 20;
    }
    expect(schemaOf(Dto)).toEqual({
      type: 'object',
      properties: {
        id: { type: 'string' },
        at: { type: 'integer' },
        tags: { type: 'array', items: { type: 'string' }, default: [] },
        page_size: { type: 'integer', default: 20 },
      },
    });
    expect(schemaOf(Dto, { transformOptions: { exposeDefaultValues: false } })).toMatchObject({
      properties: { page_size: { type: 'integer' } },
      required: ['page_size'],
    });
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
    expect(propertiesOf(Drawing)).toMatchObject({
      shape: {
        anyOf: [
          { properties: { kind: { const: 'circle' } }, required: ['kind', 'radius', 'color'] },
          { properties: { kind: { const: 'square' } }, required: ['kind', 'side', 'color'] },
        ],
      },
    });
  });

  it('has the discriminator of a subtype once, and within the definition of a recursive one', () => {
    class Node {
      @IsString()
      kind!: string;
    }
    class Leaf extends Node {}
    class Group extends Node {
      @ValidateNested({ each: true })
      @Type(() => Node, {
        keepDiscriminatorProperty: true,
        discriminator: {
          property: 'kind',
          subTypes: [
            { value: Group, name: 'group' },
            { value: Leaf, name: 'leaf' },
          ],
        },
      })
      nodes!: Node[];
    }
    const group = { $ref: '#/$defs/Group' };
    const nodes = {
      type: 'array',
      items: {
        anyOf: [
          group,
          {
            type: 'object',
            properties: { kind: { const: 'leaf' } },
            required: ['kind'],
            additionalProperties: false,
          },
        ],
      },
    };
    expect(schemaOf(Group, { forbidNonWhitelisted: true })).toEqual({
      type: 'object',
      properties: { kind: { type: 'string' }, nodes },
      required: expect.arrayContaining(['kind', 'nodes']),
      additionalProperties: false,
      $defs: {
        Group: {
          type: 'object',
          properties: { kind: { const: 'group' }, nodes },
          required: ['kind', 'nodes'],
          additionalProperties: false,
        },
      },
    });
  });

  it('names each recursive class differently', () => {
    const recursive = (name: string): new () => object => {
      class Dto {
        inner!: Dto;
      }
      Object.defineProperty(Dto, 'name', { value: name });
      Reflect.defineMetadata('design:type', Dto, Dto.prototype, 'inner');
      ValidateNested()(Dto.prototype, 'inner');
      Type(() => Dto)(Dto.prototype, 'inner');
      return Dto;
    };
    class Root {
      member0!: object;
    }
    const names = ['Node2', 'Node', 'Node'];
    for (const [index, name] of names.entries()) {
      const inner = recursive(name);
      ValidateNested()(Root.prototype, `member${index}`);
      Type(() => inner)(Root.prototype, `member${index}`);
    }
    const recursiveMember = (name: string): object => ({
      type: 'object',
      properties: { inner: { $ref: `#/$defs/${name}` } },
      required: ['inner'],
    });
    expect(schemaOf(Root)).toMatchObject({
      properties: {
        member0: { $ref: '#/$defs/Node2' },
        member1: { $ref: '#/$defs/Node' },
        member2: { $ref: '#/$defs/Node3' },
      },
      $defs: {
        Node2: recursiveMember('Node2'),
        Node: recursiveMember('Node'),
        Node3: recursiveMember('Node3'),
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
