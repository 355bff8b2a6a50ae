import { randomUUID } from 'node:crypto';

import { Expose, Transform, Type } from 'class-transformer';
import { IsArray, IsInt, IsOptional, IsString, ValidateNested } from 'class-validator';

import { outcomeOf } from '../../../test/support/dto/outcomes.js';
import { propertiesOf, schemaOf } from '../../../test/support/dto/schemas.js';
import { schemaOf as compiledSchemaOf } from './from-dto.js';

describe('the exposure of a member', () => {
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
    const exposeDefaultValues = true;
    expect(schemaOf(Dto, { transformOptions: { exposeDefaultValues } })).toEqual({
      type: 'object',
      properties: {
        id: { type: 'string' },
        at: { type: 'integer' },
        tags: { type: 'array', items: { type: 'string' }, default: [] },
        page_size: { type: 'integer', default: 20 },
      },
    });
    const { properties, required } = schemaOf(Dto);
    expect(properties).toMatchObject({ tags: { default: [] } });
    expect(Object(properties).page_size).toEqual({ type: 'integer' });
    expect(required).toEqual(['page_size']);
  });

  it('reads the initial values of a class once', () => {
    let created = 0;
    class Part {
      @IsInt()
      number = ++created;
    }
    class Dto {
      @ValidateNested()
      @Type(() => Part)
      first!: Part;

      @ValidateNested()
      @Type(() => Part)
      second!: Part;
    }
    expect(propertiesOf(Dto)).toMatchObject({
      first: { properties: { number: { type: 'integer' } } },
      second: { properties: { number: { type: 'integer' } } },
    });
    propertiesOf(Dto);
    expect(created).toBe(2);
    expect(compiledSchemaOf(Dto)).toBe(compiledSchemaOf(Dto));
  });

  it('leaves @Expose() to class-transformer: no initial value, unless the options keep it', async () => {
    class Dto {
      @Expose({ name: 'page_size' })
      @IsInt()
      pageSize = 20;

      @Expose()
      @IsInt()
      page = 1;
    }
    const kept = { transformOptions: { exposeDefaultValues: true } };
    expect((await outcomeOf(Dto, {}, kept)).value).toEqual({ pageSize: 20, page: 1 });
    expect((await outcomeOf(Dto, { page_size: 5, page: 2 })).value).toEqual({ pageSize: 5, page: 2 });
    expect((await outcomeOf(Dto, {})).problems).toEqual([
      'page_size: is missing: must be an integer number',
      'page: is missing: must be an integer number',
    ]);
  });

  it('transforms a missing member with @Expose()', async () => {
    class Dto {
      @IsString()
      first!: string;

      @Expose()
      @IsOptional()
      @IsInt()
      @Transform(({ value }: { value?: number }) => value ?? 20)
      limit!: number;

      @Expose()
      @IsString()
      @Transform(({ obj }: { obj: { first: string } }) => `${obj.first}!`)
      greeting!: string;
    }
    expect((await outcomeOf(Dto, { first: 'Ada' })).value).toEqual({
      first: 'Ada',
      limit: 20,
      greeting: 'Ada!',
    });
  });

  it('removes the members that the version of the transformation has not', async () => {
    class Dto {
      @Expose({ name: 'page_size', since: 2 })
      @IsOptional()
      @IsInt()
      pageSize?: number;

      @Expose({ since: 2 })
      @IsOptional()
      @IsInt()
      page?: number;
    }
    const options = { transformOptions: { version: 1 } };
    expect(Object.keys(propertiesOf(Dto, options))).toEqual(['page_size']);
    expect((await outcomeOf(Dto, { page_size: 5, page: 2 }, options)).value).toEqual({ pageSize: 5 });
  });
});
