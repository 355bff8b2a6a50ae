import { IsEmpty, IsInt, IsNotEmpty, IsOptional, IsString, ValidateIf } from 'class-validator';

import { ApiProperty } from '../../../test/support/dto/api-property.js';
import { schemaOf } from '../../../test/support/dto/schemas.js';

describe('the presence of a member', () => {
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

  it('requires no member that must be empty', () => {
    class Dto {
      @IsEmpty()
      id?: string;

      @IsString()
      name!: string;
    }
    expect(schemaOf(Dto)).toMatchObject({ required: ['name'] });
  });
});
