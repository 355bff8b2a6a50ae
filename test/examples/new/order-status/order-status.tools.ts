import { Injectable } from '@nestjs/common';
import { z } from 'zod';

import { McpTool } from '../../../../src/mcp/index.js';

@Injectable()
export class OrderStatusTools {
  @McpTool({
    name: 'order_status',
    description: 'TODO: tell a model what the tool does and when to use it.',
    input: z.object({ id: z.string().min(1).describe('TODO: tell a model what to pass') }),
    scopes: 'authenticated', // any signed-in caller; or scopes, such as ['order:read']
    annotations: { readOnlyHint: true },
  })
  orderStatus({ id }: { readonly id: string }): string {
    return `Result for ${id}`;
  }
}
