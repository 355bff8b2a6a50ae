import { randomUUID } from 'node:crypto';

import { Expose } from 'class-transformer';
import { IsArray, IsInt, IsString } from 'class-validator';

import { propertiesOf, schemaOf } from '../../../test/support/dto/schemas.js';

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
});
