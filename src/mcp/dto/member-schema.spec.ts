import { Type } from 'class-transformer';
import { IsArray, IsBoolean, IsDate, IsNotEmpty, IsObject, IsString, ValidateNested } from 'class-validator';

import { ApiProperty } from '../../../test/support/dto/api-property.js';
import { schemaOf } from '../../../test/support/dto/schemas.js';

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
