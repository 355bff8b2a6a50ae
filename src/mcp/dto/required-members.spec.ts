import { Expose, Transform, Type } from 'class-transformer';
import { IsArray, IsInt, IsOptional, IsString, NotEquals, ValidateIf, ValidateNested } from 'class-validator';

import { CountedValidations } from '../../../test/support/dto/counted-validations.js';
import { outcomeOf } from '../../../test/support/dto/outcomes.js';
import { schemaOf } from '../../../test/support/dto/schemas.js';

class Address {
  @IsString()
  street!: string;

  @NotEquals('Atlantis')
  city!: string;
}

class Customer {
  @ValidateNested()
  @Type(() => Address)
  address!: Address;

  @Expose({ name: 'other_addresses' })
  @ValidateNested({ each: true })
  @Type(() => Address)
  others!: Address[];
}

const address = { street: 'Main Street', city: 'Rome' };

describe('the required members of a class', () => {
  it('must be present, also if only @ValidateNested() validates them', async () => {
    expect(await outcomeOf(Customer, {})).toEqual({
      problems: ['address: is missing', 'other_addresses: is missing'],
    });
    expect(await outcomeOf(Customer, { address, other_addresses: [] })).toEqual({
      value: { address, others: [] },
    });
  });

  it('are reported once, with what their validators demand', async () => {
    expect(await outcomeOf(Customer, { address: {}, other_addresses: [{}] })).toEqual({
      problems: [
        'address.city: is missing',
        'other_addresses.0.city: is missing',
        'address.street: is missing: must be a string',
        'other_addresses.0.street: is missing: must be a string',
      ],
    });
  });

  it('are reported if a transformation of another member fails without them', async () => {
    class Dto {
      @NotEquals('')
      first!: string;

      @Transform(({ obj }: { obj: Dto }) => obj.first.trim())
      @IsString()
      name!: string;
    }
    expect(await outcomeOf(Dto, { name: 'a' })).toEqual({ problems: ['first: is missing'] });
  });

  it('may be missing where a transformation, a condition, an initial value or an option provides for it', async () => {
    class Dto {
      @Expose()
      @Transform(({ value }: { value: unknown }) => value ?? 20)
      @IsInt()
      limit!: number;

      @Expose()
      @Transform(({ obj }: { obj: Dto }) => obj.first + obj.last)
      @IsString()
      name!: string;

      @IsString()
      first = 'Ada';

      @IsString()
      last!: string;

      @ValidateIf(({ last }: Dto) => last === '')
      @ValidateNested()
      @Type(() => Address)
      address?: Address;

      @Expose()
      @IsString()
      get initials(): string {
        return this.first.charAt(0) + this.last.charAt(0);
      }
    }
    expect(await outcomeOf(Dto, { first: 'A', last: 'B' })).toEqual({
      value: { limit: 20, name: 'AB', first: 'A', last: 'B' },
    });
    expect(schemaOf(Dto)).not.toHaveProperty('properties.initials');
    expect(await outcomeOf(Customer, {}, { skipMissingProperties: true })).toEqual({
      value: { others: undefined },
    });
  });

  it('end the validation if many are missing', async () => {
    const validations = new CountedValidations();
    class Item {
      @IsString()
      id!: string;

      @validations.counted()
      @IsOptional()
      @IsString()
      note?: string;
    }
    class Dto {
      @IsArray()
      @ValidateNested({ each: true })
      @Type(() => Item)
      items!: Item[];
    }
    await outcomeOf(Dto, { items: [] });
    validations.count = 0;
    const { problems = [] } = await outcomeOf(Dto, { items: Array.from({ length: 1_000 }, () => ({})) });
    expect(problems).toHaveLength(21);
    expect(problems).toContain('items.20.id: is missing');
    expect(validations.count).toBe(0);
  });
});
