import { type DynamicModule, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';

import { loadOptional } from '../../values/load-optional.js';
import { offeredAt } from '../catalog/features.js';
import { noFindings } from '../catalog/findings.js';
import type { OpenApiOptions, UpstreamOptions } from '../decorators/open-api-options.js';
import { OPEN_API_OFFERS, type OpenApiOffers } from './open-api-offers.js';

/** Closes the connections of one API when the application stops. */
@Module({})
class OpenApiModule implements OnApplicationShutdown {
  constructor(@Inject(OPEN_API_OFFERS) private readonly offers: OpenApiOffers) {}

  async onApplicationShutdown(): Promise<void> {
    await this.offers.close();
  }
}

/**
 * Offers operations of an OpenAPI document as tools. Import the result in a module.
 *
 * @example
 * ```ts
 * fromOpenApi({
 *   name: 'billing',
 *   document: 'billing.openapi.json',
 *   baseUrl: 'https://billing.example.com/v1',
 *   credentials: configuredCredentials({ bearerAuth: token }),
 *   operations: { getInvoice: { name: 'get_invoice', scopes: ['billing:read'] } },
 * })
 * ```
 */
export function fromOpenApi(options: OpenApiOptions): DynamicModule {
  const { imports = [], inject = [] } = 'useFactory' in options ? options : {};
  return {
    module: OpenApiModule,
    imports,
    providers: [
      {
        provide: OPEN_API_OFFERS,
        inject,
        useFactory: async (...dependencies: unknown[]): Promise<OpenApiOffers> => {
          const upstream: UpstreamOptions =
            'useFactory' in options ? await options.useFactory(...dependencies) : options;
          const { compileApi } = await loadCompiler();
          return compileApi({ ...options, ...upstream });
        },
      },
      ...offeredAt('fromOpenApi()', options.endpoint),
    ],
  };
}

/** Loads what only applications with OpenAPI documents need. */
const loadCompiler = (): Promise<typeof import('./compile-api.js')> =>
  loadOptional(
    'fromOpenApi()',
    ['@seriousme/openapi-schema-validator', 'undici', 'yaml', 'ipaddr.js'],
    () => import('./compile-api.js'),
  );

/**
 * Returns the problems of a mapping, for a test: an operation or parameter that the document does not have, a name that
 * two arguments share. An empty list means that the application starts with it. `useFactory` is not called, because a
 * test need not have its secrets: its base URL and credentials are checked only at startup.
 */
export async function openApiProblems(options: OpenApiOptions): Promise<string[]> {
  const { compileApi } = await loadCompiler();
  const upstream: UpstreamOptions =
    'useFactory' in options
      ? { baseUrl: 'http://localhost', credentials: { credentialsFor: () => ({}) } }
      : options;
  const offers = await compileApi({ ...options, ...upstream });
  await offers.close();
  return offers.declare(Number.MAX_SAFE_INTEGER).flatMap(({ owner, compile }) => {
    const findings = noFindings();
    compile(findings);
    return findings.problems.map((problem) => `${owner}: ${problem}`);
  });
}
