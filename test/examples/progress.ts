import { setTimeout } from 'node:timers/promises';

import { Injectable } from '@nestjs/common';
import { z } from 'zod';

import { type CallContext, McpTool } from '../../src/mcp/index.js';

@Injectable()
export class ImportTools {
  @McpTool({
    name: 'import_rows',
    description: 'Imports rows.',
    input: z.object({ rows: z.number().int().max(1_000) }),
    scopes: 'authenticated',
    annotations: { destructiveHint: false },
  })
  async importRows({ rows }: { rows: number }, context: CallContext): Promise<string> {
    for (let row = 1; row <= rows; row++) {
      context.signal.throwIfAborted(); // cancelled, or out of time
      await setTimeout(1);
      await context.progress(row, rows, `Row ${row}`);
    }
    await context.log('info', { imported: rows });
    return `${rows} rows imported.`;
  }
}
