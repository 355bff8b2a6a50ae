import type { Type } from '@nestjs/common';

import type { Derivation } from './derivation.js';

/** Name in JSON of a member that class-transformer keeps, and what class-transformer does if the input lacks it. */
export interface Exposure {
  readonly key: string;
  /** Whether the initial value stays. It is overwritten with undefined for members with `@Expose()`. */
  readonly keepsInitial: boolean;
}

/** Returns the exposure of a member, or undefined if class-transformer leaves the member out. */
export function exposureOf(
  type: Type<object>,
  name: string,
  { packages: { transforms }, options: { transformOptions = {} } }: Derivation,
): Exposure | undefined {
  const exposed = transforms.findExposeMetadata(type, name)?.options;
  const excluded = transforms.findExcludeMetadata(type, name)?.options;
  const isExposed = exposed !== undefined && !exposed.toPlainOnly;
  const needsExposure =
    transforms.getStrategy(type) === 'excludeAll' ||
    transformOptions.strategy === 'excludeAll' ||
    transformOptions.excludeExtraneousValues === true;
  if (excluded && !excluded.toPlainOnly) return undefined;
  if (isComputed(type, name)) return undefined;
  if (needsExposure && !isExposed) return undefined;
  const key = isExposed ? (exposed.name ?? name) : name;
  // class-transformer looks up groups and versions by the name in JSON, so they do not apply to a renamed member.
  if (!isInScope(transforms.findExposeMetadata(type, key)?.options, transformOptions)) return undefined;
  const { exposeDefaultValues = false, exposeUnsetFields = true } = transformOptions;
  return { key, keepsInitial: !isExposed || exposeDefaultValues || !exposeUnsetFields };
}

/** Whether a class computes a member with a getter, so that class-transformer does not assign it. */
function isComputed({ prototype }: Type<object>, name: string): boolean {
  const property = Object.getOwnPropertyDescriptor(prototype, name);
  return property !== undefined && property.set === undefined;
}

type Scope = Partial<Record<'since' | 'until', number>> & { readonly groups?: readonly string[] };

/** Whether the options of `@Expose()` include the groups and the version of a transformation. */
function isInScope(
  { groups = [], since, until }: Scope = {},
  { groups: wanted = [], version }: { readonly groups?: readonly string[]; readonly version?: number },
): boolean {
  const isInVersion = version === undefined || ((!since || version >= since) && (!until || version < until));
  const isInGroups = groups.length === 0 || groups.some((group) => wanted.includes(group));
  return isInVersion && isInGroups;
}
