import { Injectable } from '@nestjs/common';
import { z } from 'zod';

import { type CallContext, McpTool } from '../../../mcp/index.js';

/** Simplest form of tools: a singleton without dependencies. A method reads the caller from its CallContext. */
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
    description: "Greets a person by name and returns the caller's user id.",
    input: z.object({ name: z.string().min(1).describe('Name of the person to greet') }),
    scopes: 'authenticated',
    annotations: { readOnlyHint: true, openWorldHint: false },
  })
  greet({ name }: { name: string }, { principal }: CallContext): string {
    return `Hello, ${name}! Your userid is ${principal.subject}.`;
  }
}
