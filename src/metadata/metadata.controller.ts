import { Controller, Get, NotFoundException, Req, Res, VERSION_NEUTRAL } from '@nestjs/common';
import type { Request, Response } from 'express';

import { Public } from '../auth/public.decorator.js';
import type { ProtectedResourceMetadata } from '../oauth/protected-resource-metadata.js';
import type { Endpoint } from './endpoint-conflicts.js';
import { Endpoints } from './endpoints.js';
import { withoutSlash } from '../values/without-slash.js';

const CACHE_CONTROL = 'public, max-age=3600';

/** Serves the documents with which clients find the authorization server. */
@Public()
@Controller({ path: '.well-known', version: VERSION_NEUTRAL })
export class MetadataController {
  constructor(private readonly endpoints: Endpoints) {}

  /** Serves the protected resource metadata (RFC 9728 §3) at the root: that of the default endpoint, unless another is there. */
  @Get('oauth-protected-resource')
  metadata(@Req() request: Request, @Res() response: Response): void {
    const { resource } = this.endpoints.describedAt(withoutSlash(request.path)) ?? this.#default;
    sendDocument(response, resource.metadataFor(request.headers.host));
  }

  /** Serves the metadata below the resource's path (RFC 9728 §3.1). Other paths return 404. */
  @Get('oauth-protected-resource/*path')
  metadataOfPath(@Req() request: Request, @Res() response: Response): void {
    const endpoint = this.endpoints.describedAt(withoutSlash(request.path));
    if (!endpoint) throw new NotFoundException();
    sendDocument(response, endpoint.resource.metadataFor(request.headers.host));
  }

  get #default(): Endpoint {
    const endpoint = this.endpoints.default;
    if (!endpoint) throw new NotFoundException();
    return endpoint;
  }
}

/** Not as the result of the handler, which an interceptor of the application may wrap. */
function sendDocument(response: Response, document: ProtectedResourceMetadata): void {
  response.setHeader('Cache-Control', CACHE_CONTROL).json(document);
}
