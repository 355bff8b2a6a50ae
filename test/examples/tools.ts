import { Injectable } from '@nestjs/common';
import { z } from 'zod';

import { McpTool } from '../../src/mcp/index.js';

@Injectable()
export class AreaTools {
  @McpTool({
    name: 'area',
    description: 'The area of a rectangle.',
    input: z.object({ width: z.number().positive(), height: z.number().positive() }),
    output: z.object({ area: z.number() }),
    scopes: 'authenticated',
    annotations: { readOnlyHint: true },
  })
  area({ width, height }: { width: number; height: number }): { area: number } {
    return { area: width * height };
  }
}
