import { All, Controller, Inject, Req, Res, UseFilters, VERSION_NEUTRAL } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import type { Request, Response } from 'express';

import { type AuthenticatedRequest, principalOf } from '../../auth/authenticated-request.js';
import { Protect } from '../../auth/protect.decorator.js';
import { CONFIGURATION, type Configuration } from '../../config/configuration.js';
import { setTargets } from '../../logging/refused-response.js';
import { AuthorizationService, namesOf } from '../authorization/authorization.service.js';
import { OrganizationContexts } from '../context/organization-contexts.js';
import { RequestContext } from '../context/request-context.js';
import { AdmittedMessages } from '../admission/admitted-messages.js';
import { Admission, type AdmittedRequest } from '../admission/admission.js';
import { type Message, readMessage } from '../admission/message.js';
import { messagesOf } from '../wire/messages.js';
import { McpSessions } from '../sessions/mcp-sessions.js';
import { JsonRpcErrorFilter } from '../wire/json-rpc-error.js';
import { McpEndpoint } from './mcp-endpoint.js';

/** MCP endpoint. It is an ordinary route, so the guards and interceptors of the application apply. */
@Protect()
@Controller({ version: VERSION_NEUTRAL })
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

  /** Handles one request. GET and DELETE require sessions. */
  @All()
  async handle(@Req() request: Request & AuthenticatedRequest, @Res() response: Response): Promise<void> {
    const principal = principalOf(request);
    const admitted = await this.admission.admit(principal, response);
    try {
      if (request.method === 'POST') await this.#post(admitted, request, response);
      else if (request.method === 'GET' || request.method === 'DELETE') {
        this.sessions.requireOn();
        await admitted.settle([]);
        if (request.method === 'GET') this.sessions.listen(request, principal, response);
        else this.sessions.end(request, principal, response);
      } else throw this.sessions.methodNotAllowed();
    } finally {
      admitted.end();
    }
  }

  async #post(admitted: AdmittedRequest, request: Request, response: Response): Promise<void> {
    const received = await admitted.readBody(request);
    const { body, all } = messagesOf(
      received,
      request.get('mcp-protocol-version'),
      this.sessions.isNamedIn(request),
    );
    const messages = all.map((message) =>
      readMessage(message, (target) => this.authorization.find(admitted.principal, target)),
    );
    try {
      await this.#serve(body, messages, admitted, request, response);
    } catch (error) {
      setTargets(response, namesOf(messages.map(({ asked }) => asked)));
      throw error;
    }
  }

  async #serve(
    body: unknown,
    messages: readonly Message[],
    admitted: AdmittedRequest,
    request: Request,
    response: Response,
  ): Promise<void> {
    const { principal } = admitted;
    if (this.configuration.insufficientScopeAs === 'challenge') {
      const asked = messages.map((message) => message.asked);
      this.authorization.requireScopes(principal, asked, request.headers);
    }
    if (messages.length === 0) {
      response.status(202).end();
      return;
    }
    await admitted.settle(messages);
    const context = new RequestContext(principal, request, this.moduleRef, this.organizations, admitted);
    try {
      await this.endpoint.serve(body, new AdmittedMessages(context, messages, this.authorization), response);
    } finally {
      context.end();
    }
  }
}
