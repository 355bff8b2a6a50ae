import { IntersectionType, OmitType, PartialType, PickType } from '@nestjs/swagger';
import { instanceToPlain, Transform } from 'class-transformer';
import { IsInt, IsOptional, IsString } from 'class-validator';

import { propertiesOf, schemaOf } from '../../../test/support/dto/schemas.js';
import { fromDto } from './from-dto.js';
import { Redact, REDACT_KEYWORD } from './redact.js';

class Account {
  @IsString()
  bank!: string;

  @Redact()
  @IsString()
  @Transform(({ value }: { value: unknown }) => value)
  iban!: string;
}

class Counted {
  @IsInt()
  count!: number;
}

const marked = (type: new () => object): string[] =>
  Object.entries(propertiesOf(type)).flatMap(([name, schema]) => (REDACT_KEYWORD in schema ? [name] : []));

describe('@Redact()', () => {
  it('marks a member', () => {
    expect(marked(Account)).toEqual(['iban']);
  });

  it.each([
    ['a subclass', class extends Account {}],
    ['PartialType', PartialType(Account)],
    ['PickType', PickType(Account, ['iban'])],
    ['OmitType', OmitType(Account, ['bank'])],
    ['IntersectionType', IntersectionType(Account, Counted)],
    ['IntersectionType, second', IntersectionType(Counted, Account)],
    ['PartialType of a subclass', PartialType(class extends Account {})],
  ])('marks the member of %s', (_what, type) => {
    expect(marked(type)).toEqual(['iban']);
  });

  it('marks a member that a subclass declares again', () => {
    class Optional extends Account {
      @IsOptional()
      @IsString()
      @Transform(({ value }: { value: unknown }) => value)
      override iban = 'DE';
    }
    class Checked extends Account {
      @IsString()
      override iban = 'DE';
    }
    expect(marked(Optional)).toEqual(['iban']);
    expect(marked(Checked)).toEqual(['iban']);
  });

  it('opens no member that belongs to another group', async () => {
    class Grouped {
      @IsString({ always: true })
      bank!: string;

      @Redact()
      @IsString({ groups: ['admin'] })
      iban!: string;
    }
    const schema = fromDto(Grouped, { groups: ['user'] });
    expect(Object.keys(propertiesOf(Grouped, { groups: ['user'] }))).toEqual(['bank']);
    expect(await schema['~standard'].validate({ bank: 'B', iban: 5 })).toEqual({ value: { bank: 'B' } });
    expect(propertiesOf(Grouped, { groups: ['admin'] })).toMatchObject({ iban: { [REDACT_KEYWORD]: true } });
  });

  it('changes no value', async () => {
    const outcome = await fromDto(Account)['~standard'].validate({ bank: 'B', iban: 'DE1' });
    expect(outcome).toEqual({ value: { bank: 'B', iban: 'DE1' } });
    expect('value' in outcome && instanceToPlain(outcome.value)).toEqual({ bank: 'B', iban: 'DE1' });
  });

  it('needs a validator on the member, which would be removed without one', () => {
    class Unchecked extends Counted {
      @Redact()
      iban!: string;
    }
    expect(() => schemaOf(Unchecked)).toThrow('Unchecked.iban has no class-validator decorator');
    expect(Object.keys(propertiesOf(Unchecked, { whitelist: false }))).toEqual(['count']);
  });

  it('is refused on a symbol', () => {
    expect(() => Redact()(Account.prototype, Symbol('iban'))).toThrow('@Redact() is on a symbol');
  });
});
