import {
  Controller,
  Get,
  Header,
  Headers,
  type HttpRedirectResponse,
  Inject,
  NotFoundException,
  Redirect,
  Req,
  VERSION_NEUTRAL,
} from '@nestjs/common';

import type { Request } from 'express';

import { ProtectedResource } from '../auth/protected-resource.js';
import { Public } from '../auth/public.decorator.js';
import { CONFIGURATION, type Configuration } from '../config/configuration.js';
import type { ProtectedResourceMetadata } from '../oauth/protected-resource-metadata.js';

const CACHE_CONTROL = 'public, max-age=3600';

/** Serves the documents with which clients find the authorization server. */
@Public()
@Controller({ path: '.well-known', version: VERSION_NEUTRAL })
export class MetadataController {
  constructor(
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    private readonly resource: ProtectedResource,
  ) {}

  /** Serves the protected resource metadata (RFC 9728 §3) at the root. */
  @Get('oauth-protected-resource')
  @Header('Cache-Control', CACHE_CONTROL)
  metadata(@Headers('host') host?: string): ProtectedResourceMetadata {
    return this.resource.metadataFor(host);
  }

  /** Serves the metadata below the resource's path (RFC 9728 §3.1). Other paths return 404. */
  @Get('oauth-protected-resource/*path')
  @Header('Cache-Control', CACHE_CONTROL)
  metadataOfPath(@Req() { path, headers }: Request): ProtectedResourceMetadata {
    const { pathname } = new URL(this.configuration.resource.metadataUrl);
    if (path.replace(/\/$/, '') !== pathname) throw new NotFoundException();
    return this.resource.metadataFor(headers.host);
  }

  /** Redirects clients of MCP 2025-03-26, which treat the server as the authorization server. */
  @Get('oauth-authorization-server')
  @Header('Cache-Control', CACHE_CONTROL)
  @Redirect()
  authorizationServer(): HttpRedirectResponse {
    const { authorizationServerMetadataUrl: url } = this.configuration.resource;
    if (url === undefined) throw new NotFoundException();
    return { url, statusCode: 302 };
  }
}
