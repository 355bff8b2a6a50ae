import type { ValidationMetadata } from 'class-validator/types/metadata/ValidationMetadata.js';

import { isRecord } from '../../values/is-record.js';
import type { JsonSchema } from '../../values/json-schema.js';
import { listIn } from '../../values/list-in.js';
import { enumValuesOf } from './enum-values.js';
import { mergeKeywords } from './merge-keywords.js';

/** Decorator of class-validator on a member. */
export type Rule = ValidationMetadata;

type Constraints = readonly unknown[];

const text = { type: 'string' };
const number = { type: 'number' };
const list = { type: 'array' };
/**
 * A date without a time is valid, so the format `date-time` would refuse valid values. A description says so instead of
 * alternatives with two formats: several clients that convert schemas for models drop or reject `anyOf` in a member.
 */
export const DATE = {
  type: 'string',
  description: 'ISO 8601 date or date and time, such as 2027-01-31 or 2027-01-31T09:00:00Z.',
};

/** Restrictions that class-validator's decorators state, by name. */
const KEYWORDS: Readonly<Record<string, (constraints: Constraints) => JsonSchema>> = {
  isBoolean: () => ({ type: 'boolean' }),
  isInt: () => ({ type: 'integer' }),
  isNumber: () => number,
  isPositive: () => ({ ...number, exclusiveMinimum: 0 }),
  isNegative: () => ({ ...number, exclusiveMaximum: 0 }),
  min: ([minimum]) => ({ ...number, minimum }),
  max: ([maximum]) => ({ ...number, maximum }),
  isDivisibleBy: ([multipleOf]) => ({ ...number, multipleOf }),
  minLength: ([minLength]) => ({ ...text, minLength }),
  maxLength: ([maxLength]) => ({ ...text, maxLength }),
  isLength: ([minLength, maxLength]) => ({ ...text, minLength, maxLength }),
  matches: ([pattern, flags]) => ({ ...text, ...patternOf(pattern, flags) }),
  isEmail: ([options]) => formatUnless(options, ['allow_display_name', 'require_display_name'], 'email'),
  isUrl: ([options]) =>
    isRecord(options) && options['require_protocol'] === true
      ? { ...text, format: 'uri' }
      : { ...text, description: 'URL, such as https://example.com or example.com.' },
  isUuid: () => ({ ...text, format: 'uuid' }),
  isFqdn: ([options]) =>
    formatUnless(options, ['allow_underscores', 'allow_trailing_dot', 'allow_wildcard'], 'hostname'),
  isIp: ([version]) => ({
    ...text,
    ...(version === '6' || version === '4' ? { format: `ipv${version}` } : {}),
  }),
  isDateString: () => DATE,
  isIso8601: () => DATE,
  isRFC3339: () => ({ ...text, format: 'date-time' }),
  isDate: () => DATE,
  minDate: () => DATE,
  maxDate: () => DATE,
  isIn: ([values]) => oneOf(values),
  isEnum: ([values]) => oneOf(isRecord(values) || Array.isArray(values) ? enumValuesOf(values) : []),
  equals: ([value]) => ({ const: value }),
  isArray: () => list,
  arrayContains: () => list,
  arrayNotContains: () => list,
  arrayNotEmpty: () => ({ ...list, minItems: 1 }),
  arrayMinSize: ([minItems]) => ({ ...list, minItems }),
  arrayMaxSize: ([maxItems]) => ({ ...list, maxItems }),
  arrayUnique: () => ({ ...list, uniqueItems: true }),
  isObject: () => ({ type: 'object' }),
  isNotEmptyObject: () => ({ type: 'object', minProperties: 1 }),
};

/** Decorators for texts whose restriction JSON Schema has no keyword for. */
const TEXTS = new Set(
  (
    'isString contains notContains isAlpha isAlphanumeric isAscii isBIC isBase32 isBase58 isBase64 isBooleanString ' +
    'isBtcAddress isByteLength isCreditCard isCurrency isDataURI isDecimal isEAN isEthereumAddress IsFirebasePushId ' +
    'isFullWidth isHSL isHalfWidth isHash isHexColor isHexadecimal isIBAN isIsbn isIsin isISO31661Alpha2 ' +
    'isISO31661Alpha3 isISO31661Numeric isISO4217CurrencyCode isISO6391 isISRC isISSN isIdentityCard isJson isJwt ' +
    'isLocale isLowercase isMacAddress isMagnetURI isMilitaryTime isMimeType isMobilePhone isMongoId isMultibyte ' +
    'isNumberString isOctal isPassportNumber isPhoneNumber isPort isPostalCode isRgbColor isSemVer isStrongPassword ' +
    'isSurrogatePair isTaxId isTimeZone isUppercase isVariableWidth'
  ).split(' '),
);

/** Returns the restrictions of a member's decorators, and the types that they name. */
export function keywordsOf(rules: readonly Rule[]): {
  readonly keywords: JsonSchema;
  readonly types: readonly unknown[];
} {
  const parts = rules
    .filter(({ validateIf }) => !validateIf) // applies to some values only
    .map(
      ({ name = '', constraints: given }) => (TEXTS.has(name) ? text : KEYWORDS[name]?.(given ?? [])) ?? {},
    );
  const types = new Set(parts.map(({ type }) => type).filter((type) => type !== undefined));
  if (types.has('integer')) types.delete('number');
  const { type: _type, ...keywords } = mergeKeywords(parts);
  return { keywords, types: [...types] };
}

/** Whether decorators demand a `Date`, which JSON has none of. */
export const demandsDate = (rules: readonly Rule[]): boolean =>
  rules.some(({ name = '' }) => ['isDate', 'minDate', 'maxDate'].includes(name));

/** Whether decorators demand a list, apart from those for each of its elements. */
export const demandsList = (rules: readonly Rule[]): boolean =>
  rules.some(({ name = '' }) => name === 'isArray' || name.startsWith('array'));

/** Whether `@ValidateNested()` validates the member's own members. */
export const isNested = (rules: readonly Rule[]): boolean =>
  rules.some(({ type }) => type === 'nestedValidation');

/** Returns a format, unless options accept values that do not have it. */
const formatUnless = (options: unknown, loosening: readonly string[], format: string): JsonSchema =>
  isRecord(options) && loosening.some((name) => options[name] === true) ? text : { ...text, format };

function oneOf(values: unknown): JsonSchema {
  const allowed = listIn(values);
  const types = new Set(allowed.map((value) => typeof value));
  const [type] = types;
  return { ...(types.size === 1 && (type === 'string' || type === 'number') && { type }), enum: allowed };
}

/** Returns the pattern, unless it has flags, which JSON Schema does not support. */
function patternOf(pattern: unknown, modifiers: unknown): JsonSchema {
  const { source, flags } = pattern instanceof RegExp ? pattern : { source: pattern, flags: modifiers };
  return typeof flags === 'string' && /[ims]/.test(flags) ? {} : { pattern: source };
}
