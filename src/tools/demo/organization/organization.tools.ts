import { Injectable } from '@nestjs/common';

import { McpTool, Organization, ToolError } from '../../../mcp/index.js';
import { OrganizationDirectory } from './organization-directory.js';

/** Organization-scoped tool: its dependencies can access only the caller's organization. */
@Injectable()
export class OrganizationTools {
  constructor(
    private readonly organization: Organization,
    private readonly directory: OrganizationDirectory,
  ) {}

  @McpTool({
    name: 'get_org_data',
    title: 'Get organization data',
    description: "Returns the record of the caller's organization.",
    scopes: ['org:read'],
    annotations: { readOnlyHint: true, openWorldHint: false },
  })
  getOrganizationData(): Record<string, unknown> {
    const record = this.directory.own();
    if (!record) throw new ToolError(`There is no record of the organization ${this.organization.id}.`);
    return { organizationId: this.organization.id, ...record };
  }
}
