import { isRelative } from '../source/add-import.js';
import type { Project } from '../source/project.js';
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
  /** Undefined for a project without a known test runner. */
  readonly spec: string | undefined;
}

/** How the sources of a project look. */
export interface Style {
  /** Module that exports the decorators. */
  readonly api: string;
  /** End of the paths of imported files: `.js`, `.ts` or nothing. */
  readonly extension: string;
  readonly runner: Project['runner'];
}

export function sourcesFor(kind: Kind, names: Names, { api, extension, runner }: Style): Sources {
  const suffix = { tool: 'tools', resource: 'resource', prompt: 'prompt' }[kind];
  const className = `${names.pascal}${{ tool: 'Tools', resource: 'Resource', prompt: 'Prompt' }[kind]}`;
  const file = `${names.kebab}.${suffix}`;
  const { provider, test } = TEMPLATES[kind](names, className, api);
  const runnerImport = runner && RUNNER_IMPORTS[runner];
  const spec = `${runnerImport}import { ${className} } from './${file}${extension}';\n\n${test}`;
  return { file, className, provider, spec: runner && spec };
}

/** Imports of the test functions. `@types/jest` declares them globally. */
export const RUNNER_IMPORTS: Readonly<Record<NonNullable<Project['runner']>, string>> = {
  vitest: "import { describe, expect, it } from 'vitest';\n\n",
  jest: "import { describe, expect, it } from '@jest/globals';\n\n",
  'jest-globals': '',
};

/** Imports of packages come first, sorted. Only the repository of Aerie has its own decorators in a file. */
function apiAndZod(decorator: string, api: string): string {
  const line = `import { ${decorator} } from '${api}';`;
  const zod = "import { z } from 'zod';";
  return isRelative(api) ? `${zod}\n\n${line}` : `${line}\n${zod}`;
}

type Template = (names: Names, className: string, api: string) => { provider: string; test: string };

const TEMPLATES: Readonly<Record<Kind, Template>> = {
  tool: ({ snake, camel }, className, api) => ({
    provider: `import { Injectable } from '@nestjs/common';
${apiAndZod('McpTool', api)}

@Injectable()
export class ${className} {
  @McpTool({
    name: '${snake}',
    description: 'TODO: tell a model what the tool does and when to use it.',
    input: z.object({ id: z.string().min(1).describe('TODO: tell a model what to pass') }),
    scopes: 'authenticated', // any signed-in caller; or scopes, such as ['order:read']
    annotations: { readOnlyHint: true },
  })
  ${camel}({ id }: { readonly id: string }): string {
    return \`Result for \${id}\`;
  }
}
`,
    test: `describe('${className}', () => {
  it('returns a result', () => {
    expect(new ${className}().${camel}({ id: 'A-7' })).toBe('Result for A-7');
  });
});
`,
  }),

  resource: ({ kebab, snake, camel }, className, api) => ({
    provider: `import { Injectable } from '@nestjs/common';
${isRelative(api) ? '\n' : ''}import { McpResource } from '${api}';

@Injectable()
export class ${className} {
  @McpResource({
    uri: '${kebab}://{id}',
    name: '${snake}',
    description: 'TODO: tell a model what the resource contains.',
    mimeType: 'application/json',
    scopes: 'authenticated', // any signed-in caller; or scopes, such as ['order:read']
  })
  ${camel}({ id }: { readonly id: string }): { readonly id: string } {
    return { id };
  }
}
`,
    test: `describe('${className}', () => {
  it('reads one', () => {
    expect(new ${className}().${camel}({ id: 'A-7' })).toEqual({ id: 'A-7' });
  });
});
`,
  }),

  prompt: ({ snake, camel }, className, api) => ({
    provider: `import { Injectable } from '@nestjs/common';
${apiAndZod('McpPrompt', api)}

@Injectable()
export class ${className} {
  @McpPrompt({
    name: '${snake}',
    description: 'TODO: tell the user what the prompt is for.',
    arguments: z.object({ topic: z.string().min(1) }),
    scopes: 'authenticated', // any signed-in caller; or scopes, such as ['order:read']
  })
  ${camel}({ topic }: { readonly topic: string }): string {
    return \`Explain \${topic}.\`;
  }
}
`,
    test: `describe('${className}', () => {
  it('asks for the topic', () => {
    expect(new ${className}().${camel}({ topic: 'invoices' })).toBe('Explain invoices.');
  });
});
`,
  }),
};
