import type { Type } from '@nestjs/common';
import type { TypeMetadata } from 'class-transformer';

import type { JsonSchema } from '../../values/json-schema.js';
import { type Derivation, isDescribed, type Member, rulesOf } from './derivation.js';
import { isClass, resolvedType } from './is-class.js';
import { mergeKeywords } from './merge-keywords.js';
import { DATE, demandsDate, demandsList, isNested, keywordsOf, type Rule } from './rule-keywords.js';
import { transformedInput } from './transformed-input.js';

/** Schemas of the types that a declaration may name. */
export const NAMED: ReadonlyMap<unknown, JsonSchema> = new Map<unknown, JsonSchema>([
  [String, { type: 'string' }],
  [Number, { type: 'number' }],
  [Boolean, { type: 'boolean' }],
  [Date, DATE],
  ...['string', 'number', 'integer', 'boolean', 'object'].map((type): [string, JsonSchema] => [
    type,
    { type },
  ]),
]);

const SCALARS = new Set<unknown>(['string', 'number', 'integer', 'boolean']);

/** Derives the schema of a member. A member that cannot be derived is added to the problems. */
export function memberSchema(member: Member, derivation: Derivation): JsonSchema {
  const { rules } = member;
  if (rules.length > 0 && rules.every(isAllow)) return {};
  if (!isTransformed(member, derivation)) return checkedSchema(member, derivation);
  const problems: string[] = [];
  const checked = checkedSchema(member, { ...derivation, problems });
  const stated = statedSchema(member);
  if (problems.length > 0) return stated ?? {};
  return transformedInput(checked, stated, member, derivation);
}

/** Returns the schema of the value that the decorators check. */
function checkedSchema(member: Member, derivation: Derivation): JsonSchema {
  const { owner, name, rules, declared } = member;
  const refuse = (problem: string): JsonSchema => {
    derivation.problems.push(`${owner.name}.${name} ${problem}`);
    return {};
  };
  if (declared === Map && (isNested(rules) || rules.some(({ each }) => each))) {
    return refuse('is a Map, whose values cannot be validated. Use a Record<string, …> with @IsObject().');
  }
  const own = rules.filter((rule) => !rule.each && rule.type !== 'nestedValidation');
  const isList = declared === Array || demandsList(own) || rules.some(({ each }) => each);
  if (!isList) return valueSchema(member, rules, derivation);
  const { keywords, types } = keywordsOf(own);
  const scalars = types.filter((type) => type !== 'array');
  if (scalars.length > 0) {
    return refuse(
      `is a list, but has decorators for type ${scalars.join(' and ')}, which no list passes. Add { each: true } to them.`,
    );
  }
  const ofElements = rules.filter((rule) => !own.includes(rule));
  const items = valueSchema({ ...member, declared: undefined }, ofElements, derivation);
  const { uniqueItems, ...others } = keywords;
  // class-validator compares by reference, so that equal objects are different elements.
  const isScalar = SCALARS.has(items['type']);
  return {
    type: 'array',
    items,
    ...others,
    ...(isScalar && uniqueItems === true && { uniqueItems }),
  };
}

/**
 * Returns the type that `@ApiProperty({ type })` states for the input. @nestjs/swagger and its compiler plugin state the
 * class of the member themselves, but never a name such as `'string'`.
 */
function statedSchema(member: Member): JsonSchema | undefined {
  const type = resolvedType(member.documented['type']);
  const isList = Array.isArray(type) || member.documented['isArray'] === true;
  const stated = documentedType(member);
  const named = NAMED.get(stated);
  const isOfMember = type === member.declared || (isList && member.declared === Array);
  if (!named || (isOfMember && typeof stated !== 'string')) return undefined;
  return isList ? { type: 'array', items: named } : named;
}

/** Allows null in addition. */
export function withNull(schema: JsonSchema): JsonSchema {
  const { type, enum: values } = schema;
  if (typeof type !== 'string') return { anyOf: [schema, { type: 'null' }] };
  return { ...schema, type: [type, 'null'], ...(Array.isArray(values) && { enum: [...values, null] }) };
}

function valueSchema(member: Member, rules: readonly Rule[], derivation: Derivation): JsonSchema {
  const refuse = (problem: string): JsonSchema => {
    derivation.problems.push(`${member.owner.name}.${member.name} ${problem}`);
    return {};
  };
  const metadata = typeMetadataOf(member, derivation);
  const target = metadata ? typeIn(metadata) : convertedTo(member, derivation);
  if (isNested(rules)) {
    if (target) return nestedSchema(target, metadata, derivation);
    return refuse('has @ValidateNested() but no @Type(), so it would not be validated. Add @Type(() => …).');
  }
  if (target && !NAMED.has(target) && rulesOf(target, derivation).length > 0) {
    return refuse(
      `is a ${target.name} whose decorators would not run. Add @ValidateNested(), with { each: true } for a list.`,
    );
  }
  if (demandsDate(rules) && target !== Date && !isTransformed(member, derivation)) {
    return refuse('must be a Date, which JSON has none of. Add @Type(() => Date), or use @IsDateString().');
  }
  const { keywords, types } = keywordsOf(rules);
  if (types.length > 1) return refuse(`has decorators that contradict each other: ${types.join(' and ')}.`);
  const described = documentedClass(member, derivation);
  if (described && types.every((type) => type === 'object')) {
    return { ...derivation.nested({ type: described }), ...keywords };
  }
  const isNamed = types.length > 0 || 'enum' in keywords || 'const' in keywords;
  const named = isNamed
    ? { ...(types.length > 0 && { type: types[0] }) }
    : (NAMED.get(target) ?? NAMED.get(member.declared) ?? NAMED.get(documentedType(member)));
  if (!named) {
    if (rules.some(isAllow)) return keywords;
    return refuse(
      'has no type that could be published. Add @IsString(), @IsInt(), @IsObject() or the like, ' +
        'with { each: true } for the elements of a list. @Allow() accepts any value.',
    );
  }
  const isFilled = named['type'] === 'string' && !('enum' in keywords) && rules.some(isNotEmpty);
  return mergeKeywords([named, isFilled ? { minLength: 1 } : {}, keywords]);
}

/** Whether a rule only keeps a member from being removed. */
const isAllow = ({ type }: Rule): boolean => type === 'whitelistValidation';

const isNotEmpty = ({ name }: Rule): boolean => name === 'isNotEmpty';

/** Returns the schema of an object, or of each of its subtypes. */
function nestedSchema(
  target: Type<object>,
  metadata: TypeMetadata | undefined,
  { nested }: Derivation,
): JsonSchema {
  const { discriminator } = metadata?.options ?? {};
  if (!discriminator) return nested({ type: target });
  const { property, subTypes } = discriminator;
  return {
    anyOf: subTypes.map(({ value, name }) => {
      const type: unknown = value;
      return isClass(type) ? nested({ type, discriminator: { property, name } }) : {};
    }),
  };
}

const typeMetadataOf = (
  { owner, name }: Member,
  { packages: { transforms } }: Derivation,
): TypeMetadata | undefined => transforms.findTypeMetadata(owner, name);

/** Returns the class that `@Type()` names. */
function typeIn({ typeFunction }: TypeMetadata): Type<object> | undefined {
  try {
    const type: unknown = typeFunction();
    return isClass(type) ? type : undefined;
  } catch {
    return undefined; // depends on the value
  }
}

/** Returns the class that class-transformer converts to without `@Type()`. */
const convertedTo = ({ declared }: Member, { options }: Derivation): Type<object> | undefined =>
  options.transformOptions?.enableImplicitConversion === true &&
  isClass(declared) &&
  declared !== Object &&
  declared !== Array
    ? declared
    : undefined;

/** Whether `@Transform()` converts the value of a member. */
export const isTransformed = ({ owner, name }: Member, { packages }: Derivation): boolean =>
  packages.transforms.findTransformMetadatas(
    owner,
    name,
    packages.transformer.TransformationType.PLAIN_TO_CLASS,
  ).length > 0;

/** Returns the type that `@ApiProperty()` states, of an element for a list. */
function documentedType({ documented: { type } }: Member): unknown {
  const named = resolvedType(type);
  const [element]: unknown[] = Array.isArray(named) ? named : [named];
  return element;
}

/** Returns the class that `@ApiProperty()` states, if members without rules are described and it has such members. */
function documentedClass(member: Member, { describe, packages }: Derivation): Type<object> | undefined {
  const type = describe && documentedType(member);
  return isClass(type) && isDescribed(type, packages) ? type : undefined;
}
