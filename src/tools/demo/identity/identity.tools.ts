import { Injectable } from '@nestjs/common';

import { McpTool, Principal } from '../../../mcp/index.js';

/** Request-scoped tool: it injects the caller, so NestJS creates an instance per request. */
@Injectable()
export class IdentityTools {
  constructor(private readonly principal: Principal) {}

  @McpTool({
    name: 'whoami',
    title: 'Who am I?',
    description: 'Returns what the server knows about the caller: subject, client, organization and scopes.',
    scopes: 'authenticated',
    annotations: { readOnlyHint: true, openWorldHint: false },
  })
  whoami(): Record<string, unknown> {
    const { subject, clientId, organizationId, scopes, roles, kind, expiresAt } = this.principal;
    return {
      subject,
      clientId: clientId ?? null,
      organizationId: organizationId ?? null,
      scopes,
      roles,
      kind,
      expiresAt: new Date(expiresAt * 1000).toISOString(),
    };
  }
}
