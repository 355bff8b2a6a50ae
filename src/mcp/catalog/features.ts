import type { FactoryProvider, Provider } from '@nestjs/common';

import { DEFAULT_ENDPOINT, ofEndpoint } from '../../routes/endpoint-name.js';
import { LiveCatalog } from './live-catalog.js';
import { OFFERED_AT } from './offered-at.js';

/**
 * Returns the provider of the endpoints that offer what a module provides, and of their catalog.
 *
 * @param declaration name of the function that makes the module, for the message
 * @throws {Error} when the list of endpoints is empty
 */
export function offeredAt(
  declaration: string,
  endpoint: string | readonly string[] = DEFAULT_ENDPOINT,
): Provider[] {
  const endpoints = typeof endpoint === 'string' ? [endpoint] : endpoint;
  if (endpoints.length === 0) {
    throw new Error(
      `AerieModule.${declaration} names no endpoint. Name one, or omit \`endpoint\` for the default one.`,
    );
  }
  return [
    { provide: OFFERED_AT, useValue: endpoints },
    ...(endpoints.length === 1 && !endpoints.includes(DEFAULT_ENDPOINT)
      ? endpoints.map(liveCatalogProvider)
      : []),
  ];
}

/** The token is optional, because the catalog reports an unknown endpoint in plain words. */
const liveCatalogProvider = (endpoint: string): FactoryProvider => ({
  provide: LiveCatalog,
  inject: [{ token: ofEndpoint(endpoint, LiveCatalog), optional: true }],
  useFactory: (catalog: LiveCatalog | undefined) => catalog,
});
