import { Injectable } from '@nestjs/common';

import { fromJsonSchema, McpTool } from '../../src/mcp/index.js';

@Injectable()
export class DiceTools {
  @McpTool({
    name: 'roll_dice',
    description: 'Rolls dice and returns the sum.',
    input: fromJsonSchema<{ count: number }>({
      type: 'object',
      properties: { count: { type: 'integer', minimum: 1, maximum: 10 } },
      required: ['count'],
    }),
    scopes: 'authenticated',
    annotations: { readOnlyHint: true },
    rateLimit: '60/min', // see Limits
    cost: 5,
  })
  rollDice({ count }: { count: number }): number {
    return Array.from({ length: count }, () => 1 + Math.floor(Math.random() * 6)).reduce((a, b) => a + b);
  }
}
