import { getClassRef } from '@nestjs/core/helpers/class-ref-registry.js';

import type { Offers } from './catalog.js';
import { isGuarded } from './enhancers.js';

/**
 * Warns of resources whose guards do not run for the callers that a public cache serves.
 *
 * @param endpoint class with the enhancers of the endpoint
 */
export const publicCacheWarnings = (
  { resources, templates }: Pick<Offers, 'resources' | 'templates'>,
  endpoint: object | undefined,
): string[] =>
  [...resources, ...templates]
    .filter(({ cache }) => cache?.cacheScope === 'public')
    .filter(({ read: { origin } }) =>
      [endpoint, origin && getClassRef(origin.instance), origin?.handler].some(
        (one) => one && isGuarded(one),
      ),
    )
    .map(
      () =>
        "its cacheScope is 'public', so a cache gives its contents to callers without asking its guards. Make it 'private' if a guard decides for each caller",
    );
