import { type McpPromptOptions, promptOptionsOf } from './mcp-prompt.decorator.js';
import { type McpResourceOptions, resourceOptionsOf } from './mcp-resource.decorator.js';
import { type McpToolOptions, toolOptionsOf } from './mcp-tool.decorator.js';

/** Declarations of a method. */
export interface DeclaredOptions {
  readonly tool: McpToolOptions | undefined;
  readonly resource: McpResourceOptions | undefined;
  readonly prompt: McpPromptOptions | undefined;
}

/** Returns the declarations of a method, or undefined if it has none. */
export function declaredOptionsOf(method: object): DeclaredOptions | undefined {
  const options = {
    tool: toolOptionsOf(method),
    resource: resourceOptionsOf(method),
    prompt: promptOptionsOf(method),
  };
  return options.tool || options.resource || options.prompt ? options : undefined;
}

/** Names the decorators of a method, such as `@McpTool`. */
export const decoratorsOf = (options: DeclaredOptions | undefined): string[] => [
  ...(options?.tool ? ['@McpTool'] : []),
  ...(options?.resource ? ['@McpResource'] : []),
  ...(options?.prompt ? ['@McpPrompt'] : []),
];
