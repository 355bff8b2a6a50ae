import { Injectable } from '@nestjs/common';

import { McpTool, Principal } from '../../mcp/index.js';

/** A request-scoped tool: it injects the caller, so that each request gets an instance of its own. */
@Injectable()
export class IdentityTools {
  constructor(private readonly principal: Principal) {}

  @McpTool({
    name: 'whoami',
    title: 'Who am I?',
    description: 'Tells what the server knows of the caller: subject, client, organization, scopes.',
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
