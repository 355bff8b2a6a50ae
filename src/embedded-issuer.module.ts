import { join } from 'node:path';

import { type DynamicModule, Module } from '@nestjs/common';

import { ProtectedResource } from './auth/protected-resource.js';
import { CONFIGURATION, type Configuration } from './config/configuration.js';
import type { DevIssuerService } from './dev-issuer/dev-issuer.service.js';
import type { LineLog } from './logging/line-log.js';
import { allObservers } from './observation/all-observers.js';
import type { Observer } from './observation/observer.js';
import { DEFAULT_ENDPOINT, ofEndpoint } from './routes/endpoint-name.js';
import { loadOptional } from './values/load-optional.js';

const EMBEDDED_ISSUER = Symbol('EMBEDDED_ISSUER');

/** Loads the embedded issuer only in development. Production neither includes nor loads it. */
export async function loadIssuer(): Promise<typeof DevIssuerService> {
  const loaded = await loadOptional(
    'The embedded issuer',
    ['oidc-provider', 'ipaddr.js'],
    () => import('./dev-issuer/dev-issuer.service.js'),
  );
  return loaded.DevIssuerService;
}

/** Runs the embedded issuer of an endpoint if its configuration has one, which is known only when providers are created. */
@Module({})
export class EmbeddedIssuerModule {
  static register(endpoint: string, log: LineLog, observers: readonly Observer[]): DynamicModule {
    const observer = allObservers(observers, log);
    return {
      module: EmbeddedIssuerModule,
      providers: [
        {
          provide: EMBEDDED_ISSUER,
          inject: [ofEndpoint(endpoint, CONFIGURATION), ofEndpoint(endpoint, ProtectedResource)],
          useFactory: async (
            { devIssuer, resource: { url }, stateDirectory }: Configuration,
            resource: ProtectedResource,
          ) => {
            if (!devIssuer) return undefined;
            const Issuer = await loadIssuer();
            return new Issuer({
              ...devIssuer,
              resourceUrl: url,
              scopes: () => resource.grantableScopes,
              usesOf: (scope) => resource.usesOf(scope),
              stateDirectory: endpoint === DEFAULT_ENDPOINT ? stateDirectory : join(stateDirectory, endpoint),
              onRequest: ({ signedIn, refused, ...record }) => {
                log[record.error ? 'warn' : 'info']({ ...record, ...signedIn }, 'issuer request');
                const { clientId, error, address } = record;
                if (signedIn) observer?.onTokenIssued?.({ clientId, address, ...signedIn });
                if (refused && error !== undefined)
                  observer?.onTokenRefused?.({ ...refused, error, address });
              },
            });
          },
        },
      ],
    };
  }
}
