import { Injectable, Module } from '@nestjs/common';
import { z } from 'zod';

import { McpTool } from '../../src/index.js';

const COUNT = 3_000;

/** Arguments that have the names of members of a form, and one that nobody sets. */
const input = z.object({
  addEventListener: z.string(),
  append: z.string().optional(),
  checked: z.boolean().optional(),
});

@Injectable()
class ManyTools {}

for (let index = 0; index < COUNT; index += 1) {
  const key = `tool_${index}`;
  Object.defineProperty(ManyTools.prototype, key, {
    value: ({ addEventListener: text, checked }: z.output<typeof input>) => `Got ${text}${checked ?? ''}.`,
    configurable: true,
  });
  McpTool({
    name: key,
    scopes: ['usr:read'],
    description: `Does thing ${index}.`,
    input,
    annotations: { readOnlyHint: true },
  })(ManyTools.prototype, key, Object.getOwnPropertyDescriptor(ManyTools.prototype, key) ?? {});
}

/** Offers thousands of tools. */
@Module({ providers: [ManyTools] })
export class ManyToolsModule {}
