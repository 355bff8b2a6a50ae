import {
  EXCEPTION_FILTERS_METADATA,
  GUARDS_METADATA,
  INTERCEPTORS_METADATA,
  PIPES_METADATA,
} from '@nestjs/common/internal';

import { listIn } from '../../values/list-in.js';

/** Metadata of the decorators such as `@UseGuards`, by what they add. */
const KINDS = {
  guard: GUARDS_METADATA,
  interceptor: INTERCEPTORS_METADATA,
  pipe: PIPES_METADATA,
  filter: EXCEPTION_FILTERS_METADATA,
} as const;

export const ENHANCER_KEYS: readonly string[] = Object.values(KINDS);

/** Guard, interceptor, pipe or filter that is named by its class. */
export interface EnhancerClass {
  readonly kind: keyof typeof KINDS;
  readonly type: Function;
}

/** Returns the enhancers that a class and its method name by class. NestJS calls instances as they are. */
export const enhancersOf = (host: Function, method: object): EnhancerClass[] =>
  (['guard', 'interceptor', 'pipe', 'filter'] as const).flatMap((kind) =>
    [host, method]
      .flatMap((target) => listIn(Reflect.getMetadata(KINDS[kind], target)))
      .filter((enhancer) => typeof enhancer === 'function')
      .map((type) => ({ kind, type })),
  );
