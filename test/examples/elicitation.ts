import { Injectable } from '@nestjs/common';
import { z } from 'zod';

import { type CallContext, McpTool } from '../../src/mcp/index.js';

@Injectable()
export class DeployTools {
  @McpTool({
    name: 'deploy',
    description: 'Deploys to an environment, once the user agrees.',
    input: z.object({ environment: z.string() }),
    scopes: 'authenticated',
    annotations: { destructiveHint: true },
  })
  async deploy({ environment }: { environment: string }, context: CallContext): Promise<string> {
    const answer = await context.elicit({
      message: `Deploy to ${environment}?`,
      schema: z.object({ sure: z.boolean().describe('Go ahead') }),
    });
    if (answer.action !== 'accept' || !answer.content.sure) return 'Nothing was deployed.';
    return `Deployed to ${environment}.`; // effects belong here, after the last question
  }
}
