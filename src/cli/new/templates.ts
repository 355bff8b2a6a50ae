import type { Names } from './names.js';

/** Kind of offer. */
export const KINDS = ['tool', 'resource', 'prompt'] as const;
export type Kind = (typeof KINDS)[number];

/** Source of a provider with one offer, and of its spec. */
export interface Sources {
  /** Name of the provider's file, without extension. */
  readonly file: string;
  readonly className: string;
  readonly provider: string;
  readonly spec: string;
}

/** @param api module that exports the decorators */
export function sourcesFor(kind: Kind, names: Names, api: string): Sources {
  const suffix = { tool: 'tools', resource: 'resource', prompt: 'prompt' }[kind];
  const className = `${names.pascal}${{ tool: 'Tools', resource: 'Resource', prompt: 'Prompt' }[kind]}`;
  const file = `${names.kebab}.${suffix}`;
  return { file, className, ...TEMPLATES[kind](names, className, file, api) };
}

type Template = (
  names: Names,
  className: string,
  file: string,
  api: string,
) => Pick<Sources, 'provider' | 'spec'>;

const TEMPLATES: Readonly<Record<Kind, Template>> = {
  tool: ({ snake, camel }, className, file, api) => ({
    provider: `import { Injectable } from '@nestjs/common';
import { z } from 'zod';

import { McpTool } from '${api}';

@Injectable()
export class ${className} {
  @McpTool({
    name: '${snake}',
    description: 'Tells a model what the tool does and when to use it.',
    input: z.object({ id: z.string().min(1).describe('Tells a model what to pass') }),
    scopes: 'authenticated', // any signed-in caller; or scopes, such as ['order:read']
    annotations: { readOnlyHint: true },
  })
  ${camel}({ id }: { readonly id: string }): string {
    return \`Result for \${id}\`;
  }
}
`,
    spec: `import { ${className} } from './${file}.js';

describe('${className}', () => {
  it('returns a result', () => {
    expect(new ${className}().${camel}({ id: 'A-7' })).toBe('Result for A-7');
  });
});
`,
  }),

  resource: ({ kebab, snake, camel }, className, file, api) => ({
    provider: `import { Injectable } from '@nestjs/common';

import { McpResource } from '${api}';

@Injectable()
export class ${className} {
  @McpResource({
    uri: '${kebab}://{id}',
    name: '${snake}',
    description: 'Tells a model what the resource contains.',
    mimeType: 'application/json',
    scopes: 'authenticated', // any signed-in caller; or scopes, such as ['order:read']
  })
  ${camel}({ id }: { readonly id: string }): { readonly id: string } {
    return { id };
  }
}
`,
    spec: `import { ${className} } from './${file}.js';

describe('${className}', () => {
  it('reads one', () => {
    expect(new ${className}().${camel}({ id: 'A-7' })).toEqual({ id: 'A-7' });
  });
});
`,
  }),

  prompt: ({ snake, camel }, className, file, api) => ({
    provider: `import { Injectable } from '@nestjs/common';
import { z } from 'zod';

import { McpPrompt } from '${api}';

@Injectable()
export class ${className} {
  @McpPrompt({
    name: '${snake}',
    description: 'Tells the user what the prompt is for.',
    arguments: z.object({ topic: z.string().min(1) }),
    scopes: 'authenticated', // any signed-in caller; or scopes, such as ['order:read']
  })
  ${camel}({ topic }: { readonly topic: string }): string {
    return \`Explain \${topic}.\`;
  }
}
`,
    spec: `import { ${className} } from './${file}.js';

describe('${className}', () => {
  it('asks for the topic', () => {
    expect(new ${className}().${camel}({ topic: 'invoices' })).toBe('Explain invoices.');
  });
});
`,
  }),
};
