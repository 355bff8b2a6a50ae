import { Injectable } from '@nestjs/common';
import { z } from 'zod';

import { McpTool, Organization, ToolError } from '../../../src/mcp/index.js';

const ORDERS: Record<string, Record<string, string>> = {
  org_acme: { 'A-7': 'shipped', 'A-8': 'packed' },
  org_globex: { 'G-9': 'delivered' },
};

@Injectable()
export class OrderStatusTools {
  constructor(private readonly organization: Organization) {} // the caller's, from its token

  @McpTool({
    name: 'order_status',
    description: 'Tells where an order is.',
    input: z.object({ id: z.string().describe('The number of the order') }),
    scopes: ['order:read'],
    annotations: { readOnlyHint: true },
  })
  orderStatus({ id }: { id: string }): string {
    const status = ORDERS[this.organization.id]?.[id];
    if (!status) throw new ToolError(`There is no order ${id}.`);
    return `Order ${id} is ${status}.`;
  }
}
