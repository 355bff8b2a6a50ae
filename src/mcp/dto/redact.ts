import type { Type } from '@nestjs/common';

import { type DtoPackages, loadDtoPackages } from './dto-metadata.js';

/** Keyword of a JSON Schema whose values (`true`), or unknown members (`false`), no record may contain. */
export const REDACT_KEYWORD = 'x-aerie-redact';

/**
 * Marks a member of a schema whose value the audit trail must not contain. It is for zod and for a JSON Schema; in a
 * class, use `@Redact()`.
 *
 * To mark an object of zod, write the mark last: `.strict()`, `.extend()`, `.partial()`, `.pick()` and other methods that
 * rebuild the object drop its metadata. They keep the marks of its members.
 *
 * @example
 * ```ts
 * z.object({ holder: z.string(), iban: z.string().meta(redacted) })
 * ```
 */
export const redacted: { readonly [keyword: string]: true } = Object.freeze({ [REDACT_KEYWORD]: true });

/** Says that a value that the schema does not describe may be marked: a member that is not published. */
export const redactedWithin: { readonly [keyword: string]: false } = Object.freeze({
  [REDACT_KEYWORD]: false,
});

/** Metadata key of a class's marked members. */
const MARKED = Symbol('MARKED');

/** Changes nothing. Its presence is the mark. */
const unchanged = ({ value }: { value: unknown }): unknown => value;

/**
 * Marks a member of a class whose value the audit trail must not contain.
 *
 * The mark is a transformation of class-transformer, because subclasses inherit it and `PartialType` and the like copy
 * it. A rule of class-validator would validate the member for every group.
 */
export function Redact(): PropertyDecorator {
  return (prototype, propertyName) => {
    if (typeof propertyName !== 'string')
      throw new TypeError('@Redact() is on a symbol, which JSON cannot name.');
    const mark = loadDtoPackages().transformer.Transform(unchanged, { toPlainOnly: true });
    mark(prototype, propertyName);
    Reflect.defineMetadata(MARKED, [...markedMembersOf({ prototype }), propertyName], prototype);
  };
}

/** Whether `@Redact()` is on a member of a class, or of a class that it inherits or copies from. */
export const isMarked = (
  type: Type<object>,
  name: string,
  { transforms, transformer: { TransformationType } }: DtoPackages,
): boolean =>
  transforms
    .findTransformMetadatas(type, name, TransformationType.CLASS_TO_PLAIN)
    .some(({ transformFn }) => transformFn === unchanged);

/** Returns the members with `@Redact()` of a class and its base classes. */
export function markedMembersOf({ prototype }: { readonly prototype: object }): readonly string[] {
  const names: readonly string[] | undefined = Reflect.getMetadata(MARKED, prototype);
  return names ?? [];
}
