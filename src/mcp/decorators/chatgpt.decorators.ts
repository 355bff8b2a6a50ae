import { z } from 'zod';

import { McpTool, type McpToolOptions } from './mcp-tool.decorator.js';

const found = z.object({ id: z.string(), title: z.string(), url: z.string().min(1) });

const SEARCH = {
  name: 'search',
  input: z.object({ query: z.string().describe('Words, or a question') }),
  output: z.object({ results: z.array(found) }),
  annotations: { readOnlyHint: true },
} as const;

const FETCH = {
  name: 'fetch',
  input: z.object({ id: z.string().describe('The id of a result of search') }),
  output: found.extend({ text: z.string(), metadata: z.record(z.string(), z.unknown()).optional() }),
  annotations: { readOnlyHint: true },
} as const;

/** Result of a method with `@ChatGptSearch()`. A result has an absolute URL, which ChatGPT cites. */
export type SearchResults = z.output<typeof SEARCH.output>;

/** Result of a method with `@ChatGptFetch()`. */
export type FetchedDocument = z.output<typeof FETCH.output>;

/** Options of the tools for ChatGPT: those of a tool, except what ChatGPT determines. Default of `pinned`: true. */
export type ChatGptToolOptions = Omit<
  McpToolOptions,
  keyof typeof SEARCH | 'description' | 'organizationArgument'
>;

type SearchDecorator = ReturnType<typeof McpTool<typeof SEARCH.input, typeof SEARCH.output>>;
type FetchDecorator = ReturnType<typeof McpTool<typeof FETCH.input, typeof FETCH.output>>;

/**
 * Offers a method as the tool `search`, which ChatGPT's deep research and company knowledge need, next to `fetch`. The
 * method takes `{ query }` and returns `{ results }`, each with `id`, `title` and `url`.
 *
 * @example
 * ```ts
 * @ChatGptSearch({ description: 'Searches the handbook of Acme.', scopes: ['handbook:read'] })
 * search({ query }: { query: string }): SearchResults {
 *   return { results: this.handbook.find(query) };
 * }
 * ```
 */
export const ChatGptSearch = (
  options: ChatGptToolOptions & { readonly description: string },
): SearchDecorator => McpTool({ pinned: true, ...options, ...SEARCH });

/** Offers a method as the tool `fetch`: it takes the `{ id }` of a result of `search` and returns the document. */
export const ChatGptFetch = (
  options: ChatGptToolOptions & { readonly description?: string },
): FetchDecorator =>
  McpTool({
    description: 'Returns a document that search found, with its full text.',
    pinned: true,
    ...options,
    ...FETCH,
  });
