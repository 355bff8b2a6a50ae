import { All, Controller, Inject, Req, Res, UseFilters } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import type { Request, Response } from 'express';

import { type AuthenticatedRequest, principalOf } from '../../auth/authenticated-request.js';
import type { Principal } from '../../auth/principal.js';
import { CONFIGURATION, type Configuration } from '../../config/configuration.js';
import { setTargets } from '../../logging/refusal.js';
import { AuthorizationService } from '../authorization/authorization.service.js';
import { OrganizationContexts } from '../context/organization-contexts.js';
import { RequestContext } from '../context/request-context.js';
import { type Messages, messagesOf, targetsOf } from './messages.js';
import { readJsonBody } from './json-body.js';
import { McpSessions } from '../sessions/mcp-sessions.js';
import { JsonRpcErrorFilter } from './json-rpc-error.js';
import { McpEndpoint } from './mcp-endpoint.js';
import { dropNullArguments } from './null-arguments.js';
import { RequestLimits } from './request-limits.js';

/** The MCP endpoint: an ordinary route, so that the application's own guards and interceptors cover it. */
@Controller()
@UseFilters(JsonRpcErrorFilter)
export class McpController {
  constructor(
    private readonly endpoint: McpEndpoint,
    private readonly authorization: AuthorizationService,
    private readonly sessions: McpSessions,
    private readonly limits: RequestLimits,
    private readonly moduleRef: ModuleRef,
    private readonly organizations: OrganizationContexts,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
  ) {}

  /** One POST is one exchange. Only sessions have something to GET or DELETE. */
  @All()
  async handle(@Req() request: Request & AuthenticatedRequest, @Res() response: Response): Promise<void> {
    const principal = principalOf(request);
    if (request.method === 'GET' || request.method === 'DELETE') {
      this.sessions.requireOn();
      await this.limits.admit(principal, [undefined], response);
      if (request.method === 'GET') this.sessions.listen(request, principal, response);
      else this.sessions.end(request, principal, response);
      return;
    }
    if (request.method !== 'POST') throw this.sessions.methodNotAllowed();
    const body = await readJsonBody(request, this.configuration.http.bodyLimit);
    const messages = messagesOf(body, request.get('mcp-protocol-version'), this.sessions.isNamedIn(request));
    try {
      await this.#serve(messages, principal, request, response);
    } catch (error) {
      setTargets(response, this.authorization.namesOf(principal, targetsOf(messages.all)));
      throw error;
    }
  }

  async #serve(
    messages: Messages,
    principal: Principal,
    request: Request,
    response: Response,
  ): Promise<void> {
    messages.all.forEach(dropNullArguments);
    if (this.configuration.insufficientScopeAs === 'challenge') {
      this.authorization.requireScopes(principal, targetsOf(messages.all), request.headers);
    }
    if (messages.all.length === 0) {
      response.status(202).end();
      return;
    }
    const leave = this.limits.enter(principal, messages.all);
    const context = new RequestContext(principal, request, this.moduleRef, this.organizations);
    try {
      await this.limits.admit(principal, messages.all, response);
      await this.endpoint.serve(messages.body, context, response);
    } finally {
      leave();
      context.end();
    }
  }
}
