import { Injectable } from '@nestjs/common';
import { McpTool, Principal } from 'aerie-mcp';
import { z } from 'zod';

@Injectable()
export class GreetingTools {
  constructor(private readonly principal: Principal) {}

  @McpTool({
    name: 'greet',
    scopes: ['greet'],
    description: 'Greets the caller.',
    input: z.object({ greeting: z.string() }),
    annotations: { readOnlyHint: true },
  })
  greet({ greeting }: { greeting: string }): string {
    return `${greeting}, ${this.principal.subject}!`;
  }
}
