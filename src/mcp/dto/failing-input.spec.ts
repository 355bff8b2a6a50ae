import { Logger } from '@nestjs/common';
import { Transform, Type } from 'class-transformer';
import { IsArray, IsString, ValidateNested } from 'class-validator';

import { Circle } from '../../../test/support/dto/dtos.js';
import { outcomeOf } from '../../../test/support/dto/outcomes.js';
import { fromDto } from './from-dto.js';

describe('input for which a transformation or validator fails', () => {
  let warned: jest.SpyInstance;
  beforeEach(() => {
    warned = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
  });

  class Shapes {
    @IsArray()
    @ValidateNested({ each: true })
    @Type(() => Object, {
      discriminator: { property: 'kind', subTypes: [{ value: Circle, name: 'circle' }] },
    })
    shapes!: Circle[];
  }
  class Trimmed {
    @Transform(({ value }: { value: string }) => value.trim())
    @IsString()
    name!: string;
  }
  it.each([[{ name: 5 }], [{ name: null }]])('is invalid: %j', async (input) => {
    const unreadable = ['a member has a value that cannot be read. Compare each member with the schema'];
    const schema = fromDto(Trimmed);
    for (const attempt of [1, 2]) {
      const { issues } = await schema['~standard'].validate(input);
      expect([attempt, issues?.map(({ message }) => message)]).toEqual([attempt, unreadable]);
    }
    expect(warned).toHaveBeenCalledTimes(1);
    expect(warned).toHaveBeenCalledWith(
      expect.stringMatching(/of Trimmed fails .*TypeError: .*failing-input\.spec/),
    );
  });

  it('names null in place of a subtype', async () => {
    expect(await outcomeOf(Shapes, { shapes: [null] })).toEqual({
      problems: ['shapes.0: must be an object, not null'],
    });
    expect(warned).not.toHaveBeenCalled();
  });

  it.each([
    ['an error of the application', () => new Error('it failed')],
    ['a lost connection', () => new TypeError('it failed', { cause: new Error('ECONNREFUSED') })],
  ])('is not blamed for %s', async (_what, createError) => {
    class Dto {
      @Transform(() => {
        throw createError();
      })
      @IsString()
      name!: string;
    }
    await expect(outcomeOf(Dto, { name: 'a' })).rejects.toThrow('it failed');
  });
});
