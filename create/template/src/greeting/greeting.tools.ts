import { Injectable } from '@nestjs/common';
import { McpTool, Principal } from 'aerie-mcp';
import { z } from 'zod';

@Injectable()
export class GreetingTools {
  constructor(private readonly principal: Principal) {} // the caller, from its token

  @McpTool({
    name: 'greet',
    description: 'Greets the user who is signed in.',
    input: z.object({ greeting: z.string().min(1).describe('The greeting, such as Hello') }),
    scopes: ['greeting:read'],
    annotations: { readOnlyHint: true },
  })
  greet({ greeting }: { readonly greeting: string }): string {
    return `${greeting}, ${this.principal.subject}!`;
  }
}
