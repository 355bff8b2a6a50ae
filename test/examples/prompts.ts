import { Injectable } from '@nestjs/common';
import { z } from 'zod';

import { McpPrompt } from '../../src/mcp/index.js';

@Injectable()
export class ReviewPrompts {
  @McpPrompt({
    name: 'review',
    description: 'Reviews a piece of code.',
    arguments: z.object({ language: z.string(), code: z.string() }),
    complete: { language: 'languages' },
    scopes: 'authenticated',
  })
  review({ language, code }: { language: string; code: string }): string {
    return `Review this ${language} code:\n\n${code}`;
  }

  languages({ value }: { value: string }): string[] {
    return ['python', 'typescript'].filter((language) => language.startsWith(value));
  }
}
