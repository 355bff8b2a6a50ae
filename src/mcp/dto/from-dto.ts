import { type Type, ValidationPipe } from '@nestjs/common';
import type { StandardSchemaV1, StandardSchemaWithJSON } from '@modelcontextprotocol/server';

import { isRecord } from '../../values/is-record.js';
import { formIssues, InvalidDto, issuesOf } from './dto-issues.js';
import { loadDtoPackages } from './dto-metadata.js';
import type { DtoOptions } from './dto-options.js';
import { type DerivedDto, deriveDto } from './dto-schema.js';
import { compileShortening } from './long-lists.js';

/** Vendor of schemas that `fromDto` creates. */
export const DTO_VENDOR = 'class-validator';

/**
 * Makes a class with class-validator decorators the schema of an input, with options of NestJS's `ValidationPipe`.
 * `input: CreateInvoiceDto` is short for `input: fromDto(CreateInvoiceDto)`.
 *
 * @param options default: members without a decorator are removed (`whitelist: true`), and members with `@Expose()` keep
 * their initial value (`exposeDefaultValues: true`)
 * @example
 * ```ts
 * input: fromDto(CreateInvoiceDto, { forbidNonWhitelisted: true })
 * ```
 */
export function fromDto<Dto extends object>(
  type: Type<Dto>,
  options: DtoOptions = {},
): StandardSchemaWithJSON<Dto, Dto> {
  // Nothing is loaded or read before startup asks for the schema: decorators of other files may still be missing.
  let compiled: Compiled<Dto> | undefined;
  const compile = (): Compiled<Dto> => (compiled ??= compileDto(type, options));
  return {
    '~standard': {
      version: 1,
      vendor: DTO_VENDOR,
      jsonSchema: { input: () => compile().schema, output: () => compile().schema },
      validate: (value) => compile().validate(value),
    },
  };
}

/** Returns a schema as it is, and the schema of a class. */
export const schemaOf = (input: StandardSchemaWithJSON | Type<object>): StandardSchemaWithJSON =>
  '~standard' in input ? input : fromDto(input);

interface Compiled<Dto> extends Pick<DerivedDto, 'schema'> {
  validate(value: unknown): Promise<StandardSchemaV1.Result<Dto>>;
}

function compileDto<Dto extends object>(type: Type<Dto>, given: DtoOptions): Compiled<Dto> {
  const packages = loadDtoPackages();
  const options: DtoOptions = {
    ...given,
    transformOptions: { exposeDefaultValues: true, ...given.transformOptions },
  };
  const derived = deriveDto(type, options, packages);
  const { schema } = derived;
  const shorten = compileShortening(schema);
  const pipe = new ValidationPipe({
    whitelist: true,
    ...options,
    transform: true,
    validationError: { target: true },
    validatorPackage: packages.validator,
    transformerPackage: packages.transformer,
    exceptionFactory: (errors) => new InvalidDto(errors),
  });
  return {
    schema,
    validate: async (input) => {
      if (!isRecord(input)) return { issues: [{ message: 'must be an object' }] };
      const { value, cut } = shorten(input);
      try {
        const dto: Dto = await pipe.transform(value, { type: 'body', metatype: type });
        // A condition or transformation of the class may accept a list that its schema does not.
        const tooLong = cut.map((path) => ({ path, message: 'has too many elements' }));
        const issues = [...tooLong, ...formIssues(dto, derived)];
        return issues.length > 0 ? { issues } : { value: dto };
      } catch (error) {
        if (error instanceof InvalidDto) return { issues: issuesOf(error.errors, derived.renamed) };
        throw error;
      }
    },
  };
}
