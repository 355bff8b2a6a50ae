import type { CallToolResult, Tool } from '@modelcontextprotocol/client';

import { closestName } from '../../values/closest-name.js';
import type { ClientOptions } from '../client/options.js';
import { withClient } from '../client/with-client.js';
import { type Io, writeJson } from '../terminal/io.js';
import { printable } from '../terminal/printable.js';
import { type GivenArguments, readArguments } from './arguments.js';

export type CallOptions = ClientOptions & GivenArguments;

/**
 * Calls a tool and prints its result.
 *
 * @returns 0, or 1 if the result is an error
 */
export async function call(name: string, options: CallOptions, io: Io): Promise<number> {
  const result = await withClient(options, io, async (client) => {
    const tool = found(name, (await client.listTools()).tools);
    const request = { name, arguments: readArguments(options, tool.inputSchema) };
    return client.callTool(request, {
      onprogress: ({ progress, total, message = '' }) =>
        io.stderr.write(`${printable(`${progress}${total === undefined ? '' : `/${total}`} ${message}`)}\n`),
    });
  });
  if (options.json) writeJson(io, result);
  else io.stdout.write(`${printable(textOf(result))}\n`);
  return result.isError ? 1 : 0;
}

function found(name: string, tools: readonly Tool[]): Tool {
  const tool = tools.find((offered) => offered.name === name);
  if (tool) return tool;
  const names = tools.map((offered) => offered.name);
  const meant = closestName(name, names);
  throw new Error(
    `The server offers this caller no tool "${name}".${meant === undefined ? '' : ` Did you mean "${meant}"?`} ` +
      `It offers: ${names.join(', ') || 'none'}. If you added the tool after the server started, restart it. If the tool needs a further scope, ask for it with --scope.`,
  );
}

/** Returns the text of a result. Other content is described, or shown as JSON if there is nothing else. */
function textOf({ content, structuredContent }: CallToolResult): string {
  const blocks = content.map((block) => {
    if (block.type === 'text') return block.text;
    if (block.type === 'resource_link') return block.uri;
    return `(${block.type}; --json shows it)`;
  });
  return blocks.length === 0 && structuredContent !== undefined
    ? JSON.stringify(structuredContent, null, 2)
    : blocks.join('\n');
}
