import { All, Controller, Req, Res, UseFilters } from '@nestjs/common';
import type { Request, Response } from 'express';

import { AuthErrorFilter } from '../../auth/auth-error.filter.js';
import { type AuthenticatedRequest, principalOf } from '../../auth/authenticated-request.js';
import { Admission } from '../admission/admission.js';
import type { AdmittedRequest } from '../admission/admitted-request.js';
import { recordTargets } from '../admission/recorded-targets.js';
import { messagesOf } from '../wire/messages.js';
import { McpSessions } from '../sessions/mcp-sessions.js';
import { JsonRpcErrorFilter } from '../wire/json-rpc-error.js';
import { McpEndpoint } from './mcp-endpoint.js';

/** MCP endpoint. It is an ordinary route, so the guards and interceptors of the application apply. */
@Controller()
@UseFilters(JsonRpcErrorFilter, AuthErrorFilter)
export class McpController {
  constructor(
    private readonly endpoint: McpEndpoint,
    private readonly sessions: McpSessions,
    private readonly admission: Admission,
  ) {}

  /** Handles one request. GET and DELETE require sessions. */
  @All()
  async handle(@Req() request: Request & AuthenticatedRequest, @Res() response: Response): Promise<void> {
    const admitted = await this.admission.admit(principalOf(request), request, response);
    try {
      if (request.method === 'POST') await this.#post(admitted);
      else if (request.method === 'GET' || request.method === 'DELETE') await this.#useSession(admitted);
      else throw this.sessions.methodNotAllowed();
    } finally {
      this.admission.end(admitted);
    }
  }

  async #post(admitted: AdmittedRequest): Promise<void> {
    const { request, response } = admitted;
    const received = await this.admission.readBody(admitted);
    const { body, all } = messagesOf(
      received,
      request.get('mcp-protocol-version'),
      this.sessions.isNamedIn(request),
    );
    const messages = this.admission.readMessages(admitted, all);
    try {
      if (messages.length === 0) response.status(202).end();
      else await this.endpoint.serve(body, await this.admission.admitMessages(admitted, messages), response);
    } catch (error) {
      recordTargets(messages, response);
      throw error;
    }
  }

  /** Listens to a session, or ends it. */
  async #useSession(admitted: AdmittedRequest): Promise<void> {
    const { principal, request, response } = admitted;
    this.sessions.requireOn();
    await this.admission.charge(admitted, []);
    if (request.method === 'GET') this.sessions.listen(request, principal, response);
    else this.sessions.end(request, principal, response);
  }
}
