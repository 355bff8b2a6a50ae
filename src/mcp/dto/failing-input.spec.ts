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
  it.each([
    [5, 'a number'],
    [null, 'null'],
  ])('names the member that a transformation cannot take: %j', async (name, type) => {
    expect(await outcomeOf(Trimmed, { name })).toEqual({
      problems: [`name: must be a string, not ${type}`],
    });
    expect(warned).not.toHaveBeenCalled();
  });

  it('is invalid if no type explains the failure, and is logged once', async () => {
    class Parsed {
      @Transform(({ value }: { value: string }) => /@(.*)/.exec(value)!.at(1))
      @IsString()
      domain!: string;
    }
    const unreadable = ['a member has a value that cannot be read. Compare each member with the schema'];
    const schema = fromDto(Parsed);
    for (const attempt of [1, 2]) {
      const { issues } = await schema['~standard'].validate({ domain: 'none' });
      expect([attempt, issues?.map(({ message }) => message)]).toEqual([attempt, unreadable]);
    }
    expect(warned).toHaveBeenCalledTimes(1);
    expect(warned).toHaveBeenCalledWith(
      expect.stringMatching(/of Parsed fails .*TypeError: .*failing-input\.spec/),
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
