import type { Type } from '@nestjs/common';

import { type DtoPackages, loadDtoPackages } from './dto-metadata.js';

/** Metadata key of a class's marked members. */
const MARKED = Symbol('MARKED');

/** Changes nothing. Its presence is the mark. */
const unchanged = ({ value }: { value: unknown }): unknown => value;

/**
 * Marks a member of a class for `@Redact()`.
 *
 * The mark is a transformation of class-transformer, because subclasses inherit it and `PartialType` and the like copy
 * it. A rule of class-validator would validate the member for every group.
 */
export function markMember(prototype: object, name: string): void {
  loadDtoPackages().transformer.Transform(unchanged, { toPlainOnly: true })(prototype, name);
  Reflect.defineMetadata(MARKED, [...markedMembersOf({ prototype }), name], prototype);
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
