import { Controller, Get, Inject, Post, Query, Req, Res, UseFilters } from '@nestjs/common';
import type { Request, Response } from 'express';

import { AuthErrorFilter } from '../../auth/auth-error.filter.js';
import { type AuthenticatedRequest, principalOf } from '../../auth/authenticated-request.js';
import { CONFIGURATION, type Configuration } from '../../config/configuration.js';
import { KeptBytes } from '../../limits/kept-bytes.js';
import { ChangeEvents } from '../events/change-events.js';
import { OpenStreams } from '../events/open-streams.js';
import { SessionRegistry } from '../sessions/session-registry.js';
import { Admission } from '../admission/admission.js';
import { recordTargets } from '../admission/recorded-targets.js';
import { forgetRequest } from '../wire/forget-request.js';
import { JsonRpcErrorFilter } from '../wire/json-rpc-error.js';
import { UnreadBytes } from '../wire/unread-bytes.js';
import { SseSession } from './sse-session.js';
import { SseTransport } from './sse-transport.js';
import { V1Servers } from './v1-servers.js';
import { withoutSlash } from '../../values/without-slash.js';

/** Endpoints of HTTP+SSE (MCP specification 2024-11-05, basic/transports). */
@Controller()
@UseFilters(JsonRpcErrorFilter, AuthErrorFilter)
export class SseController {
  constructor(
    private readonly servers: V1Servers,
    private readonly changes: ChangeEvents,
    private readonly streams: OpenStreams,
    private readonly kept: KeptBytes,
    private readonly registry: SessionRegistry,
    private readonly admission: Admission,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
  ) {}

  /** Opens a session and its event stream. */
  @Get('sse')
  async open(@Req() request: Request & AuthenticatedRequest, @Res() response: Response): Promise<void> {
    const principal = principalOf(request);
    const admitted = await this.admission.admit(principal, request, response);
    try {
      await this.admission.charge(admitted, []);
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
      const dependencies = { servers, changes, streams, kept };
      const session = new SseSession(transport, principal, dependencies, () => this.registry.end(id));
      this.registry.add(id, principal, session);
      response.setHeader('X-Accel-Buffering', 'no');
      await session.begin(response);
      forgetRequest(request, response);
    } finally {
      this.admission.end(admitted);
    }
  }

  /** Accepts a message of a session. The response goes to the event stream. */
  @Post('messages')
  async handle(
    @Req() request: Request & AuthenticatedRequest,
    @Query('sessionId') sessionId: unknown,
    @Res() response: Response,
  ): Promise<void> {
    const admitted = await this.admission.admit(principalOf(request), request, response);
    try {
      const body = await this.admission.readBody(admitted);
      const messages = this.admission.readMessages(admitted, [body]);
      try {
        const message = await this.admission.admitMessages(admitted, messages);
        const id = idOf(sessionId);
        const session = this.registry.find(id, admitted.principal, SseSession);
        try {
          await session.serve(body, message, response);
        } finally {
          this.registry.touch(id);
        }
      } catch (error) {
        recordTargets(messages, response);
        throw error;
      }
    } finally {
      this.admission.end(admitted);
    }
  }

  /** Returns the public path for messages. The query names the instance, so that a proxy can route to it. */
  #messagesPath(): string {
    const { resource, sessions } = this.configuration;
    const path = withoutSlash(new URL(resource.url).pathname);
    return `${path}/messages?instance=${sessions.instance}`;
  }
}

const idOf = (sessionId: unknown): string => `sse:${typeof sessionId === 'string' ? sessionId : ''}`;
