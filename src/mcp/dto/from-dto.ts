import { Logger, type Type, ValidationPipe } from '@nestjs/common';
import type { StandardSchemaV1, StandardSchemaWithJSON } from '@modelcontextprotocol/server';

import { isRecord } from '../../values/is-record.js';
import { oncePer } from '../../values/once-per.js';
import { traceOf } from '../../values/trace-of.js';
import { InvalidDto, issuesOf } from './dto-issues.js';
import { loadDtoPackages } from './dto-metadata.js';
import type { DtoOptions } from './dto-options.js';
import { type DerivedDto, deriveDto } from './dto-schema.js';
import { compileTypeCheck, isRemoved } from './json-types.js';
import { MAX_MEMBERS, pathOfLargeObject } from './large-objects.js';
import { compileShortening } from './long-lists.js';

const LOGGER = new Logger('fromDto');

/** Minimum time between two lines about the same class. Callers may choose input that makes it fail. */
const REPORT_INTERVAL_MS = 60_000;

/** Vendor of schemas that `fromDto` creates. */
export const DTO_VENDOR = 'class-validator';

/**
 * Makes a class with class-validator decorators the schema of an input, with options of NestJS's `ValidationPipe`.
 * `input: CreateInvoiceDto` is short for `input: fromDto(CreateInvoiceDto)`.
 *
 * @param options default: members without a decorator are removed (`whitelist: true`)
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

const SCHEMAS = new WeakMap<Type<object>, StandardSchemaWithJSON>();

/** Returns a schema as it is, and the schema of a class, which is derived once. */
export function schemaOf(input: StandardSchemaWithJSON | Type<object>): StandardSchemaWithJSON {
  if ('~standard' in input) return input;
  const schema = SCHEMAS.get(input) ?? fromDto(input);
  SCHEMAS.set(input, schema);
  return schema;
}

interface Compiled<Dto> extends Pick<DerivedDto, 'schema'> {
  validate(value: unknown): Promise<StandardSchemaV1.Result<Dto>>;
}

function compileDto<Dto extends object>(type: Type<Dto>, options: DtoOptions): Compiled<Dto> {
  const packages = loadDtoPackages();
  const derived = deriveDto(type, options, packages);
  const { schema } = derived;
  const shorten = compileShortening(derived);
  const withoutWrongTypes = compileTypeCheck(derived);
  const pipe = new ValidationPipe({
    whitelist: true,
    ...options,
    transform: true,
    validationError: { target: true },
    validatorPackage: packages.validator,
    transformerPackage: packages.transformer,
    exceptionFactory: (errors) => new InvalidDto(errors),
  });
  /** Finds members of another type than their schema among those that transformations take as they are, too. */
  const typeIssues = (input: unknown): readonly StandardSchemaV1.Issue[] =>
    compileTypeCheck({ ...derived, unchecked: new Set() }, false)(input).issues;
  const isTimeToReport = oncePer(REPORT_INTERVAL_MS);
  const report = (error: unknown): void => {
    if (!isTimeToReport()) return;
    const [summary, place = ''] = traceOf(error).split('\n');
    LOGGER.warn(
      `A transformation or validator of ${type.name} fails for some input, which is refused: ${summary} ${place.trim()}`,
    );
  };
  return {
    schema,
    validate: async (input) => {
      if (!isRecord(input)) return { issues: [{ message: 'must be an object' }] };
      const large = pathOfLargeObject(input);
      if (large) return { issues: [{ path: large, message: TOO_MANY_MEMBERS }] };
      const { value: short, cut } = shorten(input);
      const { value, issues: wrong, missing, removed, isHopeless } = withoutWrongTypes(short);
      const known = [...wrong, ...missing];
      if (isHopeless) return { issues: known };
      try {
        const dto: Dto = await pipe.transform(value, { type: 'body', metatype: type });
        // A condition or transformation of the class may accept a list that its schema does not.
        const tooLong = cut.map((path) => ({ path, message: 'has too many elements' }));
        const issues = [...known, ...tooLong];
        return issues.length > 0 ? { issues } : { value: dto };
      } catch (error) {
        if (error instanceof InvalidDto) {
          const further = issuesOf(error.errors, derived.renamed).filter(
            ({ path }) => !isRemoved(removed, path),
          );
          const described = new Set(further.map(({ path }) => JSON.stringify(path)));
          const others = missing.filter(({ path }) => !described.has(JSON.stringify(path)));
          return { issues: [...wrong, ...others, ...further] };
        }
        if (known.length > 0) return { issues: known };
        if (!isOfInput(error)) throw error;
        const unexpected = typeIssues(short);
        if (unexpected.length > 0) return { issues: unexpected };
        report(error);
        return { issues: [{ message: UNREADABLE }] };
      }
    },
  };
}

const TOO_MANY_MEMBERS = `has too many members. Send at most ${MAX_MEMBERS}.`;

const UNREADABLE = 'a member has a value that cannot be read. Compare each member with the schema';

/**
 * Whether an error of a transformation or validator is due to its input: `value.trim()` throws a TypeError for a number.
 * An error with a cause is not: `fetch()` throws a TypeError for a lost connection.
 */
const isOfInput = (error: unknown): boolean =>
  [TypeError, RangeError, SyntaxError, URIError].some((type) => error instanceof type) &&
  error instanceof Error &&
  error.cause === undefined;
