import 'reflect-metadata';

import { Type } from 'class-transformer';
import { IsOptional, IsString, ValidateNested } from 'class-validator';
import { Logger } from '@nestjs/common';
import { IntersectionType, OmitType, PartialType, PickType } from '@nestjs/swagger';
import { z } from 'zod';

import { fromJsonSchema } from '../decorators/from-json-schema.js';
import type { AuditOptions, Input } from '../decorators/mcp-tool.decorator.js';
import { fromDto } from '../dto/from-dto.js';
import { Redact, redacted } from '../dto/redact.js';
import { compileTool } from './compiled-tool.js';
import { noFindings } from './findings.js';

const compiled = (input: Input, audit: AuditOptions) => {
  const findings = noFindings();
  const options = { name: 'pay', description: 'Pays.', scopes: 'authenticated' as const, input, audit };
  return { ...compileTool(options, [], () => Promise.resolve(), findings), findings };
};
const recorded = (input: Input, given: unknown, redact?: AuditOptions['redact']): unknown => {
  const { definition } = compiled(input, { record: ['id'] });
  const record = Object.keys(definition.inputSchema.properties ?? {});
  return compiled(input, { record, ...(redact && { redact }) }).recordable?.(given);
};

const toIban = (iban: string): object => ({ iban });
const card = z.object({ holder: z.string(), number: z.string().meta(redacted).min(3).describe('Card.') });
const PAYMENT = z.object({
  id: z.string(),
  note: z.string().meta(redacted).optional(),
  card: card.optional(),
  cards: z.array(card).optional(),
  by: z.union([z.string(), card]).optional(),
  pins: z.record(z.string(), z.number().meta(redacted)).optional(),
  pair: z.tuple([z.string(), z.string().meta(redacted)]).optional(),
});

class HolderDto {
  @IsString()
  name!: string;

  @Redact()
  @IsString()
  iban!: string;
}

class PaymentDto {
  @IsString()
  id!: string;

  @IsOptional()
  @IsString({ each: true })
  @Redact()
  notes?: string[];

  @IsOptional()
  @ValidateNested()
  @Type(() => HolderDto)
  holder?: HolderDto;

  @IsOptional()
  @ValidateNested({ each: true })
  @Type(() => HolderDto)
  others?: HolderDto[];
}

describe('the arguments that may be recorded', () => {
  it('are those that the tool names, and none by default', () => {
    const { recordable } = compiled(z.object({ id: z.string(), b: z.string() }), { record: ['id'] });
    expect(recordable?.({ id: 1, b: 2, toString: 3 })).toEqual({ id: 1 });
    expect(recordable?.({})).toEqual({});
    expect(recordable?.(7)).toBeUndefined();
    expect(compiled(z.object({ id: z.string() }), { record: [] }).recordable).toBeUndefined();
    expect(compiled(z.object({}), { record: ['id'] }).findings.problems).toEqual([
      'its audit.record names "id", which is not an argument',
    ]);
  });

  it('hide what a zod schema marks, at any depth', () => {
    const given = {
      id: 'p_1',
      note: 'secret',
      card: { holder: 'Ada', number: 'secret' },
      cards: [{ holder: 'Ada', number: 'secret' }],
      by: 'Ada',
      pins: { a: 1234 },
      pair: ['first', 'secret'],
    };
    expect(recorded(PAYMENT, given)).toEqual({
      id: 'p_1',
      note: '[redacted]',
      card: { holder: 'Ada', number: '[redacted]' },
      cards: [{ holder: 'Ada', number: '[redacted]' }],
      by: 'Ada',
      pins: { a: '[redacted]' },
      pair: ['first', '[redacted]'],
    });
    expect(recorded(PAYMENT, { id: 'p_1', by: { holder: 'Ada', number: 'secret' } })).toEqual({
      id: 'p_1',
      by: { holder: 'Ada', number: '[redacted]' },
    });
  });

  it.each<[string, unknown]>([
    ['text in place of an object', '{"number":"secret"}'],
    ['a list in place of an object', [{ number: 'secret' }]],
    ['a member with an unknown name', { Number: 'secret' }],
    ['a marked member of another type', { number: { value: 'secret' } }],
  ])('hide %s', (_what, value) => {
    expect(JSON.stringify(recorded(PAYMENT, { card: value }))).not.toContain('secret');
  });

  const secret = z.string().meta(redacted);
  it.each<[string, z.ZodType, unknown]>([
    [
      'a text whose parsed form is marked',
      z
        .string()
        .transform(toIban)
        .pipe(z.object({ iban: secret })),
      's3cret',
    ],
    ['a marked output of a pipe', z.string().pipe(secret), 's3cret'],
    ['a marked output of a codec', z.codec(z.string(), secret, { decode: String, encode: String }), 's3cret'],
    ['a marked output of a pipe in a pipe', z.string().pipe(z.string().pipe(secret)), 's3cret'],
    ['marked names of members', z.record(secret, z.number()), { s3cret: 1 }],
    ['unknown members next to a marked one', z.looseObject({ iban: secret }), { Iban: 's3cret' }],
  ])('hide %s', (_what, schema, value) => {
    const text = JSON.stringify(recorded(z.object({ id: schema }), { id: value }));
    expect(text).toContain('[redacted]');
    expect(text).not.toContain('s3cret');
  });

  it('hide only the marked members of a preprocessed input', () => {
    const schema = z.object({
      id: z.preprocess((given) => given, z.object({ bank: z.string(), iban: secret })),
    });
    expect(recorded(schema, { id: { bank: 'B', iban: 's3cret' } })).toEqual({
      id: { bank: 'B', iban: '[redacted]' },
    });
  });

  it('hide a member if a pattern for its name marks it', () => {
    const schema = fromJsonSchema({
      type: 'object',
      properties: {
        id: {
          type: 'object',
          properties: { iban: { type: 'string' } },
          patternProperties: { '^iban': { type: 'string', ...redacted } },
        },
      },
    });
    expect(recorded(schema, { id: { iban: 's3cret' } })).toEqual({ id: { iban: '[redacted]' } });
  });

  it('hide what a pipe marks within itself', () => {
    const parse = (text: string): unknown => JSON.parse(text);
    const Folder = z.object({
      name: z.string(),
      pin: z.string().meta(redacted).optional(),
      get folders() {
        return z.array(z.string().transform(parse).pipe(Folder)).optional();
      },
    });
    const folder = z.object({
      id: z.string(),
      get inner() {
        return z.array(z.string().transform(parse).pipe(folder)).optional();
      },
    });
    expect(recorded(Folder, { name: 'a', folders: ['{"name":"b","pin":"s3cret"}'] })).toEqual({
      name: 'a',
      folders: ['[redacted]'],
    });
    expect(recorded(folder, { id: 'a', inner: ['{"id":"b"}'] })).toEqual({ id: 'a', inner: ['{"id":"b"}'] });
  });

  it('hide what a class marks, also within others and in classes derived from it', () => {
    class DerivedDto extends PaymentDto {}
    const given = {
      id: 'p_1',
      notes: ['secret'],
      holder: { name: 'Ada', iban: 'secret' },
      others: [{ name: 'Bo', iban: 'secret' }],
    };
    for (const type of [PaymentDto, DerivedDto, PartialType(PaymentDto)]) {
      expect(recorded(type, given)).toEqual({
        id: 'p_1',
        notes: '[redacted]',
        holder: { name: 'Ada', iban: '[redacted]' },
        others: [{ name: 'Bo', iban: '[redacted]' }],
      });
    }
  });

  class CardDto {
    @IsString({ always: true })
    name!: string;

    @Redact()
    @IsString({ groups: ['admin'] })
    pin!: string;
  }
  it.each([
    ['a class', CardDto],
    ['PartialType', PartialType(CardDto)],
    ['PickType', PickType(CardDto, ['name', 'pin'])],
    ['OmitType', OmitType(CardDto, [])],
    ['IntersectionType', IntersectionType(CardDto, PaymentDto)],
    ['a subclass of PartialType', class extends PartialType(CardDto) {}],
  ])('hide what %s marks for other groups only', (_what, type) => {
    class HeldDto {
      @ValidateNested({ always: true })
      @Type(() => type)
      holder!: object;
    }
    const held = fromDto(HeldDto, { groups: ['user'] });
    expect(recorded(held, { holder: { name: 'Ada', pin: 'secret' } })).toEqual({
      holder: { name: 'Ada', pin: '[redacted]' },
    });
  });

  it('hide what a JSON Schema marks, also through references to itself', () => {
    const node = {
      type: 'object',
      properties: { pin: { type: 'string', ...redacted }, next: { $ref: '#/$defs/node' } },
    } as const;
    const schema = fromJsonSchema({
      type: 'object',
      properties: { id: { $ref: '#/$defs/node' }, plain: { type: 'string' } },
      $defs: { node },
    });
    expect(recorded(schema, { id: { next: { next: { pin: 'secret' } } }, plain: 'x' })).toEqual({
      id: { next: { next: { pin: '[redacted]' } } },
      plain: 'x',
    });
  });

  it('are marked without telling clients', () => {
    for (const input of [PAYMENT, PaymentDto]) {
      expect(JSON.stringify(compiled(input, { record: ['id'] }).definition)).not.toContain('redact');
    }
  });

  it('go through the hook of the tool, which cannot change the arguments themselves', () => {
    const given = { id: 'p_1', note: 'secret', card: { holder: 'Ada' } };
    const hook = jest.fn((all: Readonly<Record<string, unknown>>) => {
      Object.assign(Object(all['card']), { holder: 'A.' });
      return { ...all, kind: 'card' };
    });
    expect(recorded(PAYMENT, given, hook)).toEqual({
      id: 'p_1',
      note: '[redacted]',
      card: { holder: 'A.' },
      kind: 'card',
    });
    expect(given.card.holder).toBe('Ada');
  });

  it.each<[string, AuditOptions['redact']]>([
    [
      'throws',
      (all) => {
        throw new Error(`cannot mask ${JSON.stringify(all)}`);
      },
    ],
    ['returns nothing', () => JSON.parse('null')],
    ['returns what JSON cannot represent', (all) => ({ ...all, big: 1n })],
    ['returns a promise', (all) => Object.assign(Promise.reject(new Error('late')), all)],
  ])('are replaced by a fixed text if the hook %s, and the log does not name them', (_what, hook) => {
    const error = jest.spyOn(Logger.prototype, 'error').mockImplementation();
    const input = z.object({ id: z.string() });
    const { recordable } = compiled(input, { record: ['id'], ...(hook && { redact: hook }) });
    expect(recordable?.({ id: 'secret' })).toEqual({ id: '[redaction failed]' });
    expect(recordable?.({ id: 'secret' })).toEqual({ id: '[redaction failed]' });
    expect(error).toHaveBeenCalledTimes(1);
    expect(JSON.stringify(error.mock.calls)).toMatch(/Arguments of pay cannot be redacted/);
    expect(JSON.stringify(error.mock.calls)).not.toContain('secret');
    error.mockRestore();
  });
});
