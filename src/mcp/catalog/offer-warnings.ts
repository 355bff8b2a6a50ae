import type { Configuration } from '../../config/configuration.js';
import type { Offers } from './catalog.js';
import { costWarnings } from './cost-warnings.js';
import { publicCacheWarnings } from './public-cache-warnings.js';
import { toolNameWarnings } from './published-schema/client-warnings.js';
import { unfinishedWarnings } from './unfinished.js';

/**
 * Returns warnings about offers of their own, whatever else the catalog has.
 *
 * @param endpoint class with the enhancers of the endpoint
 */
export const offerWarnings = (
  { tools, resources, templates, prompts }: Offers,
  { server, limits }: Configuration,
  endpoint: object | undefined,
): string[] => [
  ...tools.flatMap(({ name }) => toolNameWarnings(name, server.name)),
  ...[...tools, ...resources, ...templates, ...prompts].flatMap((offer) => [
    ...costWarnings(offer, limits),
    ...unfinishedWarnings(offer.definition),
  ]),
  ...publicCacheWarnings({ resources, templates }, endpoint),
];
