import type { Type } from '@nestjs/common';

import { isRecord } from '../../values/is-record.js';
import type { JsonSchema } from '../../values/json-schema.js';
import { listIn } from '../../values/list-in.js';
import {
  type Derivation,
  type DescribeMember,
  allRulesOf,
  isDescribed,
  type Member,
  type Occurrence,
  rulesOf,
} from './derivation.js';
import type { DtoOptions } from './dto-options.js';
import { apiPropertiesOf, declaredTypeOf, type DtoPackages } from './dto-metadata.js';
import { exposureOf } from './exposure.js';
import { initialValuesOf } from './initial-values.js';
import { isTransformed, memberSchema, withNull } from './member-schema.js';
import { presence } from './presence.js';
import { redacted, redactedWithin } from './redact.js';
import { isMarked, markedMembersOf } from './redact-marks.js';

/** JSON Schema of a class, and what its validation needs. */
export interface DerivedDto {
  readonly schema: JsonSchema;
  /** Names in JSON of properties that `@Expose({ name })` renames, by class. */
  readonly renamed: ReadonlyMap<unknown, ReadonlyMap<string, string>>;
  /** Properties that `@Expose({ name })` renames, by the schema of the member. */
  readonly propertyNames: ReadonlyMap<unknown, string>;
  /** Schemas of members that accept values of any type: transformations convert them. */
  readonly unchecked: ReadonlySet<unknown>;
  /** Schemas of members by which class-transformer recognizes subtypes. */
  readonly discriminators: ReadonlySet<unknown>;
}

/**
 * Derives the JSON Schema of a class from the decorators of class-validator, class-transformer and @nestjs/swagger.
 * class-validator-jsonschema is not used: it confuses classes of the same name, and publishes patterns and types that
 * reject valid values, such as dates without a time.
 *
 * @param describe describes members without rules, if they are not removed
 * @throws {Error} that names every member whose schema cannot be derived
 */
export function deriveDto(
  type: Type<object>,
  options: DtoOptions,
  packages: DtoPackages,
  describe?: DescribeMember,
): DerivedDto {
  const derivation: Derivation = {
    packages,
    options,
    problems: [],
    renamed: new Map(),
    propertyNames: new Map(),
    unchecked: new Set(),
    discriminators: new Set(),
    open: [],
    recursive: [],
    definitions: {},
    describe,
    nested: (inner) => objectSchema(inner, derivation),
  };
  const schema = objectSchema({ type }, derivation);
  const { problems, definitions, renamed, propertyNames, unchecked, discriminators } = derivation;
  if (problems.length > 0) throw new Error([...new Set(problems)].join(' '));
  return {
    schema: { ...schema, ...(Object.keys(definitions).length > 0 && { $defs: definitions }) },
    renamed,
    propertyNames,
    unchecked,
    discriminators,
  };
}

/** Returns the schema of a class, or a reference to it within itself. */
function objectSchema(occurrence: Occurrence, derivation: Derivation): JsonSchema {
  const { open, recursive, definitions } = derivation;
  const { type, discriminator } = occurrence;
  const isSame = (other: Occurrence): boolean =>
    other.type === type &&
    other.discriminator?.property === discriminator?.property &&
    other.discriminator?.name === discriminator?.name;
  const nameOf = (): string | undefined => recursive.find((known) => isSame(known.occurrence))?.name;
  const [root] = open;
  if (root && isSame(root)) return { $ref: '#' };
  if (open.some(isSame) && nameOf() === undefined) {
    recursive.push({ occurrence, name: freeName(type.name, recursive) });
  }
  if (nameOf() !== undefined) return { $ref: `#/$defs/${nameOf()}` };
  open.push(occurrence);
  const members = membersSchema(type, derivation);
  const schema = discriminator ? withDiscriminator(members, discriminator, derivation) : members;
  open.pop();
  const name = nameOf();
  if (name === undefined) return schema;
  definitions[name] = schema;
  return { $ref: `#/$defs/${name}` };
}

/** Returns the name of a class, with a number if other classes have the same name. */
function freeName(wanted: string, recursive: Derivation['recursive']): string {
  const taken = new Set(recursive.map(({ name }) => name));
  let name = wanted;
  for (let count = 2; taken.has(name); count++) name = `${wanted}${count}`;
  return name;
}

/** Adds the member by which class-transformer recognizes a subtype. */
function withDiscriminator(
  { properties, required, ...schema }: JsonSchema,
  { property, name }: NonNullable<Occurrence['discriminator']>,
  { discriminators }: Derivation,
): JsonSchema {
  const discriminator = { const: name };
  discriminators.add(discriminator);
  return {
    ...schema,
    properties: { ...Object(properties), [property]: discriminator },
    required: [...new Set([property, ...listIn(required)])],
  };
}

function membersSchema(type: Type<object>, derivation: Derivation): JsonSchema {
  const { options, problems, describe } = derivation;
  const rules = rulesOf(type, derivation);
  const documented = apiPropertiesOf(type);
  const isDocumentedOnly = (name: string): boolean =>
    describe !== undefined &&
    documented.has(name) &&
    rules.every((rule) => rule.propertyName !== name || rule.type === 'whitelistValidation');
  const names = [...new Set(rules.map(({ propertyName }) => propertyName))].filter(
    (name) => !isDocumentedOnly(name),
  );
  if (names.length === 0 && !(describe && documented.size > 0)) {
    problems.push(`${type.name} has no class-validator decorators. Decorate each of its members.`);
  }
  const initialOf = initialValuesOf(type);
  const properties: JsonSchema = {};
  const required: string[] = [];
  const renamed = new Map<string, string>();
  derivation.renamed.set(type, renamed);
  for (const name of names) {
    const exposure = exposureOf(type, name, derivation);
    if (!exposure) continue;
    const { key, keepsInitial } = exposure;
    if (key !== name) renamed.set(name, key);
    const member: Member = {
      owner: type,
      name,
      key,
      rules: rules.filter((rule) => rule.propertyName === name),
      declared: declaredTypeOf(type, name),
      documented: documented.get(name) ?? {},
    };
    const schema = memberSchema(member, derivation);
    const { isRequired, isNullable } = presence(member, options);
    const initial = initialOf(name);
    const hasInitial = keepsInitial && initial.value !== undefined;
    properties[key] = {
      ...(isNullable ? withNull(schema) : schema),
      ...notesOf(schema, member.documented, hasInitial && initial.isConstant ? initial.value : undefined),
      ...(isMarked(type, name, derivation.packages) && redacted),
    };
    if (key !== name) derivation.propertyNames.set(properties[key], name);
    if (isTransformed(member, derivation)) derivation.unchecked.add(properties[key]);
    if (isRequired && !hasInitial) required.push(key);
  }
  for (const [name, given] of documented) {
    const key = names.includes(name) ? undefined : exposureOf(type, name, derivation)?.key;
    if (key === undefined) continue;
    if (describe) {
      properties[key] = describe(type, name, given, (inner) => describedSchema(inner, derivation));
      if (given['required'] !== false) required.push(key);
    } else if (options.whitelist !== false) {
      problems.push(withoutRule(type, name));
    }
  }
  const decorated = new Set(allRulesOf(type, derivation.packages).map(({ propertyName }) => propertyName));
  // PartialType and the like copy the rules and the marks of members, but not the list of the marked ones.
  const marked = [...decorated, ...documented.keys()].filter((name) =>
    isMarked(type, name, derivation.packages),
  );
  const hidden = [...new Set([...markedMembersOf(type), ...marked])].filter(
    (name) => !names.includes(name) || exposureOf(type, name, derivation) === undefined,
  );
  for (const name of hidden) {
    if (!describe && options.whitelist !== false && !decorated.has(name)) {
      problems.push(withoutRule(type, name));
    }
  }
  return {
    type: 'object',
    ...(hidden.length > 0 && redactedWithin),
    properties,
    ...(required.length > 0 && { required }),
    ...(options.forbidNonWhitelisted && { additionalProperties: false }),
  };
}

const withoutRule = ({ name: owner }: Type<object>, name: string): string =>
  `${owner}.${name} has no class-validator decorator, so it would be removed. Add one, such as @Allow().`;

/** Returns the schema of a class that only documentation names. Nothing is known of one without decorators. */
const describedSchema = (type: Type<object>, derivation: Derivation): JsonSchema =>
  isDescribed(type, derivation.packages) ? objectSchema({ type }, derivation) : { type: 'object' };

/** Keywords that describe a member without restricting it. */
function notesOf(
  schema: JsonSchema,
  documented: Readonly<Record<string, unknown>>,
  initial: unknown,
): JsonSchema {
  const { title, deprecated, default: fallback = initial, example, examples } = documented;
  const descriptions = [documented['description'], schema['description']].filter(
    (text) => typeof text === 'string' && text !== '',
  );
  const shown = example === undefined ? examples : [example];
  const isValue = Array.isArray(fallback) || (typeof fallback !== 'object' && typeof fallback !== 'function');
  return {
    ...(typeof title === 'string' && { title }),
    ...(descriptions.length > 0 && { description: descriptions.join('\n') }),
    ...(deprecated === true && { deprecated }),
    ...(fallback !== undefined && isValue && { default: fallback }),
    ...(Array.isArray(shown) && { examples: shown }),
    ...(isRecord(shown) && { examples: Object.values(shown) }),
  };
}
