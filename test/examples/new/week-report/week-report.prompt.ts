import { Injectable } from '@nestjs/common';
import { z } from 'zod';

import { McpPrompt } from '../../../../src/mcp/index.js';

@Injectable()
export class WeekReportPrompt {
  @McpPrompt({
    name: 'week_report',
    description: 'TODO: tell the user what the prompt is for.',
    arguments: z.object({ topic: z.string().min(1) }),
    scopes: 'authenticated', // any signed-in caller; or scopes, such as ['order:read']
  })
  weekReport({ topic }: { readonly topic: string }): string {
    return `Explain ${topic}.`;
  }
}
