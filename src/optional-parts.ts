import type { Provider, Type } from '@nestjs/common';

import { ProtectedResource } from './auth/protected-resource.js';
import { CONFIGURATION, type Configuration } from './config/configuration.js';
import { loadOptional } from './values/load-optional.js';

/** Controllers and providers of an optional part of an endpoint. */
export interface EndpointParts {
  readonly controllers: readonly Type<object>[];
  readonly providers: readonly Provider[];
}

/** Place of the page that explains how to connect: at the endpoint, also at `/`, or nowhere. */
export type ConnectPagePlace = 'endpoint' | 'root' | 'off';

/** Injection token of the handler of the connect page; undefined if the page is off. */
export const CONNECT_PAGE = Symbol('CONNECT_PAGE');

/** Loads the SSE endpoints only if they are enabled, because they depend on another major version of the SDK. */
export async function sseParts(): Promise<EndpointParts> {
  const { SseController, V1Servers } = await loadOptional(
    'HTTP+SSE',
    ['@modelcontextprotocol/sdk'],
    () => import('./mcp/sse-2024/index.js'),
  );
  return { controllers: [SseController], providers: [V1Servers] };
}

/** Loads the connect page only if it is on. The configuration can still switch it off. */
export async function connectPageParts(place: ConnectPagePlace): Promise<EndpointParts> {
  if (place === 'off') {
    return { controllers: [], providers: [{ provide: CONNECT_PAGE, useValue: undefined }] };
  }
  const { ConnectController, ConnectPage } = await import('./connect/index.js');
  return {
    controllers: [ConnectController],
    providers: [
      {
        provide: CONNECT_PAGE,
        inject: [CONFIGURATION, ProtectedResource],
        useFactory: (configuration: Configuration, resource: ProtectedResource) =>
          configuration.connectPage && new ConnectPage(configuration, resource).handler(place === 'root'),
      },
    ],
  };
}
