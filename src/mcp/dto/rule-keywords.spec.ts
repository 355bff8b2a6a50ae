import { Type } from 'class-transformer';
import {
  ArrayUnique,
  IsArray,
  IsDate,
  IsEmail,
  IsEnum,
  IsFQDN,
  IsIn,
  IsISO8601,
  IsNotEmpty,
  IsRFC3339,
  IsString,
  IsUrl,
  Length,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateNested,
} from 'class-validator';

import { ApiProperty } from '../../../test/support/dto/api-property.js';
import { propertiesOf } from '../../../test/support/dto/schemas.js';

const ISO_DATE = 'ISO 8601 date or date and time, such as 2027-01-31 or 2027-01-31T09:00:00Z.';

describe('the restrictions of a member', () => {
  it('are those of all its decorators', () => {
    class Dto {
      @MinLength(1)
      @Length(3, 10)
      a!: string;

      @Length(3)
      @MaxLength(10)
      b!: string;

      @Matches(/^a/)
      @Matches(/z$/)
      @Matches(/m/)
      c!: string;

      @IsNotEmpty()
      @Length(0, 5)
      d!: string;

      @Min(2)
      @Min(1)
      @Max(8)
      @Max(9)
      e!: number;

      @IsIn(['x', 'y', 'z'])
      @IsIn(['z', 'y', 'w'])
      f!: string;
    }
    expect(propertiesOf(Dto)).toEqual({
      a: { type: 'string', minLength: 3, maxLength: 10 },
      b: { type: 'string', minLength: 3, maxLength: 10 },
      // Decorators run from the last to the first.
      c: { type: 'string', pattern: 'm', allOf: [{ pattern: 'z$' }, { pattern: '^a' }] },
      d: { type: 'string', minLength: 1, maxLength: 5 },
      e: { type: 'number', minimum: 2, maximum: 8 },
      f: { type: 'string', enum: expect.arrayContaining(['y', 'z']) },
    });
  });

  it('name a format only if every valid value has it', () => {
    class Dto {
      @IsISO8601()
      day!: string;

      @ApiProperty({ description: 'Day of payment' })
      @IsDate()
      @Type(() => Date)
      due!: Date;

      @IsRFC3339()
      at!: string;

      @IsUrl()
      site!: string;

      @IsUrl({ require_protocol: true })
      callback!: string;

      @IsEmail({ require_tld: false })
      email!: string;

      @IsEmail({ allow_display_name: true })
      from!: string;

      @IsFQDN({ allow_wildcard: true })
      hosts!: string;
    }
    expect(propertiesOf(Dto)).toEqual({
      day: { type: 'string', description: ISO_DATE },
      due: { type: 'string', description: `Day of payment\n${ISO_DATE}` },
      at: { type: 'string', format: 'date-time' },
      site: { type: 'string', description: 'URL, such as https://example.com or example.com.' },
      callback: { type: 'string', format: 'uri' },
      email: { type: 'string', format: 'email' },
      from: { type: 'string' },
      hosts: { type: 'string' },
    });
  });

  it('list all values of an enum, also of names that begin with a digit', () => {
    enum Plan {
      '3_months' = '3m',
      Year = '1y',
    }
    enum Level {
      Low = -1,
      High = 2.5,
    }
    class Dto {
      @IsEnum(Plan)
      plan!: Plan;

      @IsEnum(Level)
      level!: Level;

      @IsEnum(['a', 'b'])
      letter!: string;
    }
    expect(propertiesOf(Dto)).toEqual({
      plan: { type: 'string', enum: ['3m', '1y'] },
      level: { type: 'number', enum: [-1, 2.5] },
      letter: { type: 'string', enum: ['a', 'b'] },
    });
  });

  it('demand unique elements only if equal elements are the same', () => {
    class Tag {
      @IsString()
      name!: string;
    }
    class Dto {
      @IsArray()
      @ArrayUnique()
      @ValidateNested({ each: true })
      @Type(() => Tag)
      tags!: Tag[];

      @ArrayUnique((text: string) => text.toLowerCase())
      @IsString({ each: true })
      names!: string[];
    }
    const { tags, names } = Object(propertiesOf(Dto));
    expect(tags).not.toHaveProperty('uniqueItems');
    expect(names).toHaveProperty('uniqueItems', true);
  });
});
