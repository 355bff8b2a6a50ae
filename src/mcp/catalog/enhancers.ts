import {
  EXCEPTION_FILTERS_METADATA,
  GUARDS_METADATA,
  INTERCEPTORS_METADATA,
  PIPES_METADATA,
} from '@nestjs/common/internal';
import { getClassRef } from '@nestjs/core/helpers/class-ref-registry.js';

import { isObject } from '../../values/is-object.js';
import { listIn } from '../../values/list-in.js';
import { classesOf } from './classes-of.js';

/** Metadata of the decorators such as `@UseGuards`, by what they add. */
const KINDS = {
  guard: GUARDS_METADATA,
  interceptor: INTERCEPTORS_METADATA,
  pipe: PIPES_METADATA,
  filter: EXCEPTION_FILTERS_METADATA,
} as const;

const ENHANCER_KINDS = ['guard', 'interceptor', 'pipe', 'filter'] as const;

export const ENHANCER_KEYS: readonly string[] = Object.values(KINDS);

/** Guard, interceptor, pipe or filter that is named by its class. */
export interface EnhancerClass {
  readonly kind: keyof typeof KINDS;
  readonly type: Function;
}

/** Returns the enhancers that a class and its method name by class. NestJS calls instances as they are. */
export const enhancersOf = (host: Function, method: object): EnhancerClass[] =>
  ENHANCER_KINDS.flatMap((kind) =>
    [host, method]
      .flatMap((target) => listIn(Reflect.getMetadata(KINDS[kind], target)))
      .filter((enhancer) => typeof enhancer === 'function')
      .map((type) => ({ kind, type })),
  );

/** Describes the enhancers on the `constructor` of an instance that the class NestJS reads them from does not have. */
export function hiddenEnhancersOf(instance: object): string[] {
  const read = getClassRef(instance);
  return ENHANCER_KINDS.flatMap((kind) => {
    const on = (type: Function): readonly unknown[] => listIn(Reflect.getMetadata(KINDS[kind], type));
    const known = on(read);
    return [...classesOf(instance)]
      .flatMap(on)
      .filter((enhancer) => !known.includes(enhancer))
      .map((enhancer) => `${kind} ${nameOf(enhancer)}`);
  });
}

/** Whether a class or a method has guards. */
export const isGuarded = (target: object): boolean =>
  listIn(Reflect.getMetadata(GUARDS_METADATA, target)).length > 0;

function nameOf(enhancer: unknown): string {
  if (typeof enhancer === 'function') return enhancer.name;
  return isObject(enhancer) ? getClassRef(enhancer).name : String(enhancer);
}
