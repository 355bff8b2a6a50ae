import type { Type } from '@nestjs/common';

import type { JsonSchema } from '../../values/json-schema.js';
import { apiPropertiesOf, type DtoPackages } from './dto-metadata.js';
import type { DtoOptions } from './dto-options.js';
import type { Rule } from './rule-keywords.js';

/** Member of a class. */
export interface Member {
  readonly owner: Type<object>;
  readonly name: string;
  /** Name in JSON. */
  readonly key: string;
  readonly rules: readonly Rule[];
  /** Type that TypeScript recorded. */
  readonly declared: unknown;
  /** Options of `@ApiProperty()`. */
  readonly documented: Readonly<Record<string, unknown>>;
}

/** Returns the schema of a member by its `@ApiProperty()` alone. */
export type DescribeMember = (
  owner: Type<object>,
  name: string,
  options: Readonly<Record<string, unknown>>,
  nested: (type: Type<object>) => JsonSchema,
) => JsonSchema;

/** Class, with the member that tells it from other subtypes where it occurs. */
export interface Occurrence {
  readonly type: Type<object>;
  readonly discriminator?: { readonly property: string; readonly name: string };
}

/** State of one derivation. */
export interface Derivation {
  readonly packages: DtoPackages;
  readonly options: DtoOptions;
  readonly problems: string[];
  readonly renamed: Map<unknown, ReadonlyMap<string, string>>;
  readonly propertyNames: Map<unknown, string>;
  readonly unchecked: Set<unknown>;
  readonly discriminators: Set<unknown>;
  /** Classes that contain the current one, the outermost first. */
  readonly open: Occurrence[];
  /** Classes that contain themselves, with their names in the definitions. */
  readonly recursive: { readonly occurrence: Occurrence; readonly name: string }[];
  readonly definitions: JsonSchema;
  /** Describes members that have no rules; undefined if such members are removed. */
  readonly describe: DescribeMember | undefined;
  /** Derives the schema of a class within another. */
  readonly nested: (occurrence: Occurrence) => JsonSchema;
}

/** Rules that apply to a class, with those of its base classes. */
export function rulesOf(type: Type<object>, { packages, options }: Derivation): Rule[] {
  const { always = false, strictGroups = false, groups } = options;
  return packages.validator
    .getMetadataStorage()
    .getTargetValidationMetadatas(type, '', always, strictGroups, groups);
}

/** Rules of a class for all groups. */
export const allRulesOf = (type: Type<object>, { validator }: DtoPackages): Rule[] =>
  validator.getMetadataStorage().getTargetValidationMetadatas(type, '', true, false);

/** Whether a class has members with decorators of class-validator or @nestjs/swagger. */
export const isDescribed = (type: Type<object>, packages: DtoPackages | undefined): boolean =>
  apiPropertiesOf(type).size > 0 || (packages !== undefined && allRulesOf(type, packages).length > 0);
