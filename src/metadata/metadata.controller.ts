import {
  Controller,
  Get,
  Header,
  type HttpRedirectResponse,
  NotFoundException,
  Redirect,
  Req,
  VERSION_NEUTRAL,
} from '@nestjs/common';

import type { Request } from 'express';

import { Public } from '../auth/public.decorator.js';
import type { ProtectedResourceMetadata } from '../oauth/protected-resource-metadata.js';
import type { Endpoint } from './endpoint-conflicts.js';
import { Endpoints } from './endpoints.js';

const CACHE_CONTROL = 'public, max-age=3600';

/** Serves the documents with which clients find the authorization server. */
@Public()
@Controller({ path: '.well-known', version: VERSION_NEUTRAL })
export class MetadataController {
  constructor(private readonly endpoints: Endpoints) {}

  /** Serves the protected resource metadata (RFC 9728 §3) at the root: that of the default endpoint, unless another is there. */
  @Get('oauth-protected-resource')
  @Header('Cache-Control', CACHE_CONTROL)
  metadata(@Req() { path, headers }: Request): ProtectedResourceMetadata {
    return documentOf(this.endpoints.describedAt(withoutSlash(path)) ?? this.endpoints.default, headers.host);
  }

  /** Serves the metadata below the resource's path (RFC 9728 §3.1). Other paths return 404. */
  @Get('oauth-protected-resource/*path')
  @Header('Cache-Control', CACHE_CONTROL)
  metadataOfPath(@Req() { path, headers }: Request): ProtectedResourceMetadata {
    return documentOf(this.endpoints.describedAt(withoutSlash(path)), headers.host);
  }

  /** Redirects clients of MCP 2025-03-26, which treat the server as the authorization server. */
  @Get('oauth-authorization-server')
  @Header('Cache-Control', CACHE_CONTROL)
  @Redirect()
  authorizationServer(): HttpRedirectResponse {
    const url = this.endpoints.default?.configuration.resource.authorizationServerMetadataUrl;
    if (url === undefined) throw new NotFoundException();
    return { url, statusCode: 302 };
  }
}

const withoutSlash = (path: string): string => path.replace(/\/$/, '');

function documentOf(endpoint: Endpoint | undefined, host: string | undefined): ProtectedResourceMetadata {
  if (!endpoint) throw new NotFoundException();
  return endpoint.resource.metadataFor(host);
}
