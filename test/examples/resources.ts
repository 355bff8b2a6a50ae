import { Injectable } from '@nestjs/common';

import { McpResource } from '../../src/mcp/index.js';

@Injectable()
export class ReportResources {
  @McpResource({
    uri: 'report://{year}',
    name: 'report',
    description: 'The report of a year.',
    mimeType: 'text/markdown',
    scopes: 'authenticated',
  })
  report({ year }: { year: string }): string {
    return `# Report of ${year}`;
  }
}
