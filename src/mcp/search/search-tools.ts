import type { Tool } from '@modelcontextprotocol/server';
import { z } from 'zod';

import { shortened } from '../../values/shortened.js';
import { isRecord } from '../../values/is-record.js';
import { ownTurn } from '../../limits/own-turn.js';
import { MODERN_REVISION } from '../wire/revisions.js';
import { type CompiledTool, compileTool } from '../catalog/compiled-tool.js';
import { noFindings } from '../catalog/findings.js';
import type { ListedTool } from '../catalog/listed-tool.js';
import type { MethodRunner } from '../catalog/method-runner.js';
import { SEARCH_TOOL_NAMES } from '../catalog/search-tool-names.js';
import type { RequestContext } from '../context/request-context.js';
import type { McpToolOptions } from '../decorators/mcp-tool.decorator.js';
import { Refusal } from '../failures/refusal.js';

const DEFAULT_FOUND = 5;
const MAX_FOUND = 20;
const MAX_DESCRIBED = 10;
const MAX_QUERY_LENGTH = 300;
/** Maximum length of a description in a search result. */
const MAX_SUMMARY_LENGTH = 200;

const { search, describe, call } = SEARCH_TOOL_NAMES;

const searchInput = z.object({
  query: z.string().trim().min(1).max(MAX_QUERY_LENGTH).describe('What you want to do, in a few words'),
  limit: z.int().min(1).max(MAX_FOUND).default(DEFAULT_FOUND),
});

const describeInput = z.object({
  names: z.array(z.string()).min(1).max(MAX_DESCRIBED),
});

const callInput = z.object({
  name: z.string(),
  arguments: z.record(z.string(), z.unknown()).optional().describe(`Arguments as in ${describe}`),
});

/** Tools that the caller of a request may list. */
export interface Searched {
  /** Finds the tools that match best, the best first. */
  search(query: string, limit: number, request: RequestContext): readonly CompiledTool[];
  /** Returns the entries that a list shows for these names, in the same order. */
  named(names: readonly string[], request: RequestContext): readonly (ListedTool | undefined)[];
}

/** Creates the three tools that take the place of all others in a list. */
export const searchTools = (tools: Searched): readonly CompiledTool[] => [
  compiled(
    {
      name: search,
      title: 'Search tools',
      description:
        'Finds tools of this server for a task. Only a few of its tools are listed, so search before you conclude that something is not possible.',
      input: searchInput,
      annotations: { readOnlyHint: true },
    },
    async (input, _context, request) => {
      const { query, limit } = searchInput.parse(input);
      await ownTurn(request.principal); // many words that are in most tools take milliseconds
      const found = tools.search(query, limit, request).map(summaryOf);
      return found.length > 0
        ? { tools: found }
        : { tools: found, hint: 'No tool matches. Try other words, or fewer.' };
    },
  ),
  compiled(
    {
      name: describe,
      title: 'Describe tools',
      description: `Returns the full description and the schema of the arguments of tools that ${search} found.`,
      input: describeInput,
      annotations: { readOnlyHint: true },
    },
    (input, _context, request) => {
      const { names } = describeInput.parse(input);
      const described = tools.named(names, request);
      const unknown = names.filter((_name, index) => !described[index]);
      return {
        tools: described.flatMap((tool) => (tool ? definitionFor(request, tool) : [])),
        ...(unknown.length > 0 && { unknown, hint: `Use names that ${search} found.` }),
      };
    },
  ),
  compiled(
    {
      name: call,
      title: 'Call tool',
      description: `Calls a tool that ${search} found. Get the schema of its arguments from ${describe} first.`,
      input: callInput,
    },
    // A call of a tool that the caller may know of has become a call of that tool, and does not get here.
    (input) => {
      const { name } = callInput.parse(input);
      throw new Refusal(
        isSearchTool(name)
          ? `${call} cannot call ${name}. Call ${name} itself.`
          : `Unknown tool: ${shortened(name, MAX_SUMMARY_LENGTH)}. Find tools with ${search}.`,
        'unknown_target',
      );
    },
  ),
];

/** Call of another tool, as the arguments of `call_tool` describe it. */
export interface InnerCall {
  readonly name: string;
  readonly arguments: unknown;
}

/** Returns the call that a message makes with `call_tool`; undefined if it makes none. */
export function innerCallOf(message: unknown): InnerCall | undefined {
  if (!isRecord(message) || message['method'] !== 'tools/call') return undefined;
  const { params } = message;
  if (!isRecord(params) || params['name'] !== call) return undefined;
  const { arguments: input } = params;
  if (!isRecord(input) || typeof input['name'] !== 'string') return undefined;
  const { name, arguments: inner } = input;
  return inner === undefined || inner === null || isRecord(inner) ? { name, arguments: inner } : undefined;
}

const isSearchTool = (name: string): boolean => Object.values<string>(SEARCH_TOOL_NAMES).includes(name);

function compiled(options: Omit<McpToolOptions, 'scopes'>, run: MethodRunner): CompiledTool {
  const findings = noFindings();
  const tool = compileTool({ ...options, scopes: 'authenticated' }, [], run, findings);
  if (findings.problems.length > 0) throw new Error(`${options.name}: ${findings.problems.join('; ')}`);
  return tool;
}

const summaryOf = ({ name, group, definition: { description = '', inputSchema } }: CompiledTool): object => ({
  name,
  ...(group !== undefined && { group }),
  description: shortened(description, MAX_SUMMARY_LENGTH),
  arguments: signatureOf(inputSchema),
});

/** Names the arguments, with a question mark after the optional ones. */
function signatureOf({ properties = {}, required = [] }: Tool['inputSchema']): string {
  return Object.keys(properties)
    .map((name) => (required.includes(name) ? name : `${name}?`))
    .join(', ');
}

function definitionFor({ request }: RequestContext, tool: ListedTool): Readonly<Tool> {
  const isModern = request.headers['mcp-protocol-version'] === MODERN_REVISION;
  return isModern ? tool.definition : tool.legacyDefinition;
}
