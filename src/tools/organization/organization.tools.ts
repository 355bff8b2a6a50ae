import { Injectable } from '@nestjs/common';

import { McpTool, Organization, ToolError } from '../../mcp/index.js';
import { OrganizationDirectory } from './organization-directory.js';

/** An organization-scoped tool: what it injects knows the caller's organization and no other. */
@Injectable()
export class OrganizationTools {
  constructor(
    private readonly organization: Organization,
    private readonly directory: OrganizationDirectory,
  ) {}

  @McpTool({
    name: 'get_org_data',
    title: 'Get organization data',
    description: "Returns what is on record about the caller's own organization.",
    scopes: ['org:read'],
    annotations: { readOnlyHint: true, openWorldHint: false },
  })
  getOrganizationData(): Record<string, unknown> {
    const record = this.directory.own();
    if (!record) throw new ToolError(`Nothing is on record about the organization ${this.organization.id}.`);
    return { organizationId: this.organization.id, ...record };
  }
}
