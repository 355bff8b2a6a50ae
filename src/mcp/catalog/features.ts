import type { FactoryProvider, Provider } from '@nestjs/common';

import { DEFAULT_ENDPOINT, ofEndpoint } from '../../routes/endpoint-name.js';
import { LiveCatalog } from './live-catalog.js';
import { OFFERED_AT } from './offered-at.js';

/** Provider of the endpoints that offer what a module provides, and of their catalog. */
export const offeredAt = (endpoints: readonly string[]): Provider[] => [
  { provide: OFFERED_AT, useValue: endpoints },
  ...(endpoints.length === 1 && !endpoints.includes(DEFAULT_ENDPOINT)
    ? endpoints.map(liveCatalogProvider)
    : []),
];

/** The token is optional, because the catalog reports an unknown endpoint in plain words. */
const liveCatalogProvider = (endpoint: string): FactoryProvider => ({
  provide: LiveCatalog,
  inject: [{ token: ofEndpoint(endpoint, LiveCatalog), optional: true }],
  useFactory: (catalog: LiveCatalog | undefined) => catalog,
});
