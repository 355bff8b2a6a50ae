import { Injectable } from '@nestjs/common';

import { type CallContext, McpTool } from '../../../mcp/index.js';

/** Tool for administrators. Its scope hides it from the lists of other callers. */
@Injectable()
export class AdminTools {
  @McpTool({
    name: 'admin_tool',
    title: 'Server summary',
    description: 'Summarizes the state of the server. For administrators.',
    scopes: ['admin'],
    elevated: true,
    annotations: { readOnlyHint: true, openWorldHint: false },
  })
  summary(_input: object, { principal }: CallContext): Record<string, unknown> {
    return {
      requestedBy: principal.subject,
      node: process.version,
      uptimeSeconds: Math.floor(process.uptime()),
      residentMemoryMegabytes: Math.round(process.memoryUsage.rss() / 1024 ** 2),
    };
  }
}
