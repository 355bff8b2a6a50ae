import { Controller, Get, Inject, NotFoundException, Req, Res, UseFilters } from '@nestjs/common';
import type { Request, Response } from 'express';

import { AuthErrorFilter } from '../auth/auth-error.filter.js';
import { type AuthenticatedRequest, principalOf } from '../auth/authenticated-request.js';
import type { Principal } from '../auth/principal.js';
import { ProtectedResource } from '../auth/protected-resource.js';
import { CONFIGURATION, type Configuration } from '../config/configuration.js';
import { Admission } from '../mcp/admission/admission.js';
import { AuthorizationService } from '../mcp/authorization/authorization.service.js';
import { CatalogService } from '../mcp/catalog/catalog.service.js';
import { JsonRpcErrorFilter } from '../mcp/wire/json-rpc-error.js';
import { SIGN_IN_ONLY } from '../oauth/sign-in-scopes.js';
import { CALLER_PATH } from './caller-path.js';
import type { CallerView, FurtherScope } from './page-settings.js';

/** Tells the connect page who its caller is. The guard of the endpoint covers it, whatever its decorators say. */
@Controller()
@UseFilters(JsonRpcErrorFilter, AuthErrorFilter)
export class ConnectController {
  constructor(
    private readonly admission: Admission,
    private readonly authorization: AuthorizationService,
    private readonly catalog: CatalogService,
    private readonly resource: ProtectedResource,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
  ) {}

  /** Not named `caller`: NestJS reads each name of a method from the class too, where that one throws. */
  @Get(CALLER_PATH)
  async show(@Req() request: Request & AuthenticatedRequest, @Res() response: Response): Promise<void> {
    // The route may be older than the configuration: `forRootAsync()` reads it later.
    if (!this.configuration.connectPage) throw new NotFoundException();
    const principal = principalOf(request);
    const admitted = await this.admission.admit(principal, request, response);
    try {
      await this.admission.charge(admitted, []);
      response.setHeader('Cache-Control', 'no-store').json(this.#view(principal));
    } finally {
      this.admission.end(admitted);
    }
  }

  #view(principal: Principal): CallerView {
    const { subject, organizationId, scopes, expiresAt } = principal;
    return { subject, organizationId, scopes, expiresAt, furtherScopes: this.#furtherScopes(principal) };
  }

  /** Published scopes that the caller does not have, with the tools of the caller's own list that need them. */
  #furtherScopes(principal: Principal): FurtherScope[] {
    const tools = this.authorization.listed(principal, this.catalog.current.tools);
    const published = this.resource.metadataFor(undefined).scopes_supported ?? [];
    const missing = tools.map(({ name, access }) => ({
      name,
      scopes: missingScopes(principal, access.scopesFor(principal)),
    }));
    return published
      .filter((scope) => !principal.hasScopes([scope]) && !SIGN_IN_ONLY.includes(scope))
      .map((scope) => ({
        scope,
        tools: missing.filter(({ scopes }) => scopes.includes(scope)).map(({ name }) => name),
      }));
  }
}

const missingScopes = (principal: Principal, needed: readonly string[]): string[] =>
  needed.filter((scope) => !principal.hasScopes([scope]));
