import { Injectable } from '@nestjs/common';
import { z } from 'zod';

import { McpTool } from '../../mcp/index.js';

/** The plainest tool: a singleton that needs to know nobody. */
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
}
