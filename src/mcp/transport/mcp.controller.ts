import { All, Controller, Inject, Req, Res, UseFilters } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import type { Request, Response } from 'express';

import { type AuthenticatedRequest, principalOf } from '../../auth/authenticated-request.js';
import { CONFIGURATION, type Configuration } from '../../config/configuration.js';
import { setTargets } from '../../logging/refusal.js';
import { AuthorizationService } from '../authorization/authorization.service.js';
import { OrganizationContexts } from '../context/organization-contexts.js';
import { RequestContext } from '../context/request-context.js';
import { Admission, type AdmittedRequest } from './admission.js';
import { type Messages, messagesOf, targetsOf } from './messages.js';
import { McpSessions } from '../sessions/mcp-sessions.js';
import { JsonRpcErrorFilter } from './json-rpc-error.js';
import { McpEndpoint } from './mcp-endpoint.js';
import { dropNullArguments } from './null-arguments.js';

/** The MCP endpoint: an ordinary route, so that the application's own guards and interceptors cover it. */
@Controller()
@UseFilters(JsonRpcErrorFilter)
export class McpController {
  constructor(
    private readonly endpoint: McpEndpoint,
    private readonly authorization: AuthorizationService,
    private readonly sessions: McpSessions,
    private readonly admission: Admission,
    private readonly moduleRef: ModuleRef,
    private readonly organizations: OrganizationContexts,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
  ) {}

  /** One POST is one exchange. Only sessions have something to GET or DELETE. */
  @All()
  async handle(@Req() request: Request & AuthenticatedRequest, @Res() response: Response): Promise<void> {
    const principal = principalOf(request);
    const admitted = await this.admission.admit(principal, response);
    try {
      if (request.method === 'POST') await this.#post(admitted, request, response);
      else if (request.method === 'GET' || request.method === 'DELETE') {
        this.sessions.requireOn();
        await admitted.settle([undefined]);
        if (request.method === 'GET') this.sessions.listen(request, principal, response);
        else this.sessions.end(request, principal, response);
      } else throw this.sessions.methodNotAllowed();
    } finally {
      admitted.end();
    }
  }

  async #post(admitted: AdmittedRequest, request: Request, response: Response): Promise<void> {
    const body = await admitted.readBody(request);
    const messages = messagesOf(body, request.get('mcp-protocol-version'), this.sessions.isNamedIn(request));
    try {
      await this.#serve(messages, admitted, request, response);
    } catch (error) {
      setTargets(response, this.authorization.namesOf(admitted.principal, targetsOf(messages.all)));
      throw error;
    }
  }

  async #serve(
    messages: Messages,
    admitted: AdmittedRequest,
    request: Request,
    response: Response,
  ): Promise<void> {
    const { principal } = admitted;
    messages.all.forEach(dropNullArguments);
    if (this.configuration.insufficientScopeAs === 'challenge') {
      this.authorization.requireScopes(principal, targetsOf(messages.all), request.headers);
    }
    if (messages.all.length === 0) {
      response.status(202).end();
      return;
    }
    await admitted.settle(messages.all);
    const context = new RequestContext(principal, request, this.moduleRef, this.organizations, admitted);
    try {
      await this.endpoint.serve(messages.body, context, response);
    } finally {
      context.end();
    }
  }
}
