import { Controller, Get, Inject, Post, Query, Req, Res, UseFilters, VERSION_NEUTRAL } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import type { Request, Response } from 'express';

import { type AuthenticatedRequest, principalOf } from '../../auth/authenticated-request.js';
import { Protect } from '../../auth/protect.decorator.js';
import { CONFIGURATION, type Configuration } from '../../config/configuration.js';
import { KeptBytes } from '../../limits/kept-bytes.js';
import { setTargets } from '../../logging/refused-response.js';
import { AuthorizationService, namesOf } from '../authorization/authorization.service.js';
import { OrganizationContexts } from '../context/organization-contexts.js';
import { RequestContext } from '../context/request-context.js';
import { ChangeEvents } from '../events/change-events.js';
import { OpenStreams } from '../events/open-streams.js';
import { SessionRegistry } from '../sessions/session-registry.js';
import { AdmittedMessages } from '../admission/admitted-messages.js';
import { Admission, type AdmittedRequest } from '../admission/admission.js';
import { JsonRpcErrorFilter } from '../wire/json-rpc-error.js';
import { type Message, readMessage } from '../admission/message.js';
import { UnreadBytes } from '../wire/unread-bytes.js';
import { SseSession } from './sse-session.js';
import { SseTransport } from './sse-transport.js';
import { V1Servers } from './v1-servers.js';

/** Endpoints of HTTP+SSE (MCP specification 2024-11-05, basic/transports). */
@Protect()
@Controller({ version: VERSION_NEUTRAL })
@UseFilters(JsonRpcErrorFilter)
export class SseController {
  constructor(
    private readonly servers: V1Servers,
    private readonly changes: ChangeEvents,
    private readonly streams: OpenStreams,
    private readonly kept: KeptBytes,
    private readonly registry: SessionRegistry,
    private readonly authorization: AuthorizationService,
    private readonly admission: Admission,
    private readonly moduleRef: ModuleRef,
    private readonly organizations: OrganizationContexts,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
  ) {}

  /** Opens a session and its event stream. */
  @Get('sse')
  async open(@Req() request: Request & AuthenticatedRequest, @Res() response: Response): Promise<void> {
    const principal = principalOf(request);
    const admitted = await this.admission.admit(principal, response);
    try {
      await admitted.settle([]);
      if (response.closed) return; // no further close event would end the session
      this.registry.makeRoom(principal);
      const transport = new SseTransport(
        this.#messagesPath(),
        response,
        new UnreadBytes(
          response,
          this.admission.holdUnread(principal),
          this.configuration.http.requestTimeout,
        ),
      );
      const id = idOf(transport.sessionId);
      const { servers, changes, streams, kept } = this;
      const means = { servers, changes, streams, kept };
      const session = new SseSession(transport, principal, means, () => this.registry.end(id));
      this.registry.add(id, principal, session);
      response.setHeader('X-Accel-Buffering', 'no');
      await session.begin(response);
    } finally {
      admitted.end();
    }
  }

  /** Accepts a message of a session. The response goes to the event stream. */
  @Post('messages')
  async handle(
    @Req() request: Request & AuthenticatedRequest,
    @Query('sessionId') sessionId: unknown,
    @Res() response: Response,
  ): Promise<void> {
    const admitted = await this.admission.admit(principalOf(request), response);
    try {
      const body = await admitted.readBody(request);
      const message = readMessage(body, (target) => this.authorization.find(admitted.principal, target));
      try {
        await this.#serve(message, sessionId, admitted, request, response);
      } catch (error) {
        setTargets(response, namesOf([message.asked]));
        throw error;
      }
    } finally {
      admitted.end();
    }
  }

  async #serve(
    message: Message,
    sessionId: unknown,
    admitted: AdmittedRequest,
    request: Request,
    response: Response,
  ): Promise<void> {
    const { principal } = admitted;
    if (this.configuration.insufficientScopeAs === 'challenge') {
      this.authorization.requireScopes(principal, [message.asked], request.headers);
    }
    await admitted.settle([message]);
    const context = new RequestContext(principal, request, this.moduleRef, this.organizations, admitted);
    try {
      const session = this.registry.find(idOf(sessionId), principal, SseSession);
      await session.serve(
        message.body,
        new AdmittedMessages(context, [message], this.authorization),
        response,
      );
    } finally {
      context.end();
    }
  }

  /** Returns the public path for messages. The query names the instance, so that a proxy can route to it. */
  #messagesPath(): string {
    const { resource, sessions } = this.configuration;
    const path = new URL(resource.url).pathname.replace(/\/$/, '');
    return `${path}/messages?instance=${sessions.instance}`;
  }
}

const idOf = (sessionId: unknown): string => `sse:${typeof sessionId === 'string' ? sessionId : ''}`;
