import { Expose, Type } from 'class-transformer';
import { Equals, IsNotEmpty, IsOptional, IsString, ValidateNested } from 'class-validator';

import { CountedValidations } from '../../../test/support/dto/counted-validations.js';
import { outcomeOf } from '../../../test/support/dto/outcomes.js';

describe('the members of several classes', () => {
  it('are checked in a subtype without its optional constant, and in a list of subtypes', async () => {
    class Order {
      @IsNotEmpty()
      id!: string;

      @IsOptional()
      @Equals(true)
      confirmed?: true;
    }
    class Base {
      @IsOptional()
      @IsString()
      id?: string;
    }
    class Dto {
      @IsOptional()
      @ValidateNested()
      @Type(() => Base)
      base?: Base;

      @ValidateNested({ each: true })
      @Type(() => Base, {
        discriminator: { property: 'kind', subTypes: [{ value: Order, name: 'order' }] },
      })
      parts!: Order[];
    }
    const order = { kind: 'order', id: 'a' };
    const parts = (members: object): object => ({ parts: [{ ...order, ...members }] });
    expect(await outcomeOf(Dto, parts({ confirmed: null }))).toMatchObject({
      value: { parts: [{ id: 'a' }] },
    });
    for (const members of [{}, { confirmed: null }, { confirmed: true }]) {
      expect(await outcomeOf(Dto, parts({ ...members, id: { $ne: '' } }))).toEqual({
        problems: ['parts.0.id: must be a string, not an object'],
      });
    }
    expect(await outcomeOf(Dto, parts({ confirmed: false }))).toEqual({
      problems: ['parts.0.confirmed: must be equal to true'],
    });
    for (const kind of [undefined, null, 'base']) {
      expect(await outcomeOf(Dto, parts({ kind }))).toEqual({
        problems: ['parts.0: is of no declared type'],
      });
    }
  });

  it('do not let a renamed member in by the name of its property', async () => {
    class Dto {
      @Expose({ name: 'org_id' })
      @IsOptional()
      @IsString()
      orgId?: string;
    }
    expect(await outcomeOf(Dto, { org_id: 'a' })).toEqual({ value: { orgId: 'a' } });
    expect(await outcomeOf(Dto, { orgId: 'a' })).toEqual({ value: { orgId: undefined } });
    expect(await outcomeOf(Dto, { orgId: 'a' }, { forbidNonWhitelisted: true })).toEqual({
      problems: ['orgId: is unknown. Remove it.'],
    });
  });

  it('keep an unknown member with the name of a property that another class renames', async () => {
    class Inner {
      @Expose({ name: 'org_id' })
      @IsString()
      orgId!: string;
    }
    class Dto {
      @ValidateNested()
      @Type(() => Inner)
      inner!: Inner;
    }
    const input = { orgId: 'a', inner: { org_id: 'b' } };
    expect(await outcomeOf(Dto, input, { whitelist: false })).toEqual({
      value: { orgId: 'a', inner: { orgId: 'b' } },
    });
  });

  it('are checked in 10,000 objects of nested classes at most, and more objects are refused', async () => {
    const validations = new CountedValidations();
    class Part {
      @validations.counted()
      @IsOptional()
      @IsString()
      name?: string;

      @IsOptional()
      @ValidateNested({ each: true })
      @Type(() => Part)
      parts?: Part[];
    }
    const parts = (length: number): object[] => Array.from({ length }, () => ({}));
    const twice = (length: number): object => ({
      parts: [{ parts: parts(length) }, { parts: parts(length) }],
    });
    const { value } = await outcomeOf(Part, twice(4_999));
    expect(value?.parts?.[1]?.parts).toHaveLength(4_999);
    validations.count = 0;
    expect(await outcomeOf(Part, twice(5_000))).toEqual({
      problems: ['has too many objects. Send at most 10000 in a call.'],
    });
    expect(await outcomeOf(Part, { parts: parts(10_001) })).toHaveProperty('problems');
    expect(validations.count).toBeLessThan(100);
  });
});
