import { Injectable } from '@nestjs/common';
import { z } from 'zod';

import { type CallContext, McpTool } from '../../mcp/index.js';

/** The plainest tools: a singleton that injects nobody; who needs the caller asks the call for it. */
@Injectable()
export class GreetingTools {
  @McpTool({
    name: 'greet_user',
    title: 'Greet a user',
    description: 'Greets the user with a personalized message.',
    input: z.object({ name: z.string().min(1).describe('The name of the user to greet') }),
    scopes: ['usr:read'],
    annotations: { readOnlyHint: true, openWorldHint: false },
  })
  greetUser({ name }: { name: string }): string {
    return `Hi ${name}, welcome to Scalekit!`;
  }

  @McpTool({
    name: 'greet',
    title: 'Greet by name',
    description: 'Greets somebody, and tells the caller under which id the server knows it.',
    input: z.object({ name: z.string().min(1).describe('The name of whom to greet') }),
    scopes: 'authenticated',
    annotations: { readOnlyHint: true, openWorldHint: false },
  })
  greet({ name }: { name: string }, { principal }: CallContext): string {
    return `Hello, ${name}! Your userid is ${principal.subject}.`;
  }
}
