import type { CallToolResult, Tool } from '@modelcontextprotocol/client';

import { didYouMean } from '../../values/closest-name.js';
import type { ClientOptions } from '../client/options.js';
import { loadSdk } from '../client/load-sdk.js';
import { listTools } from '../client/offered.js';
import { withClient } from '../client/with-client.js';
import { type Io, writeJson } from '../terminal/io.js';
import { printable } from '../terminal/printable.js';
import { type GivenArguments, readArguments } from './arguments.js';

/** Maximum delay of a timer. The server enforces the timeout of the tool, and Ctrl-C cancels the call. */
const MAX_CALL_MS = 2 ** 31 - 1;

export type CallOptions = ClientOptions & GivenArguments;

/**
 * Calls a tool and prints its result.
 *
 * @returns 0, or 1 if the result is an error
 */
export async function call(name: string, options: CallOptions, io: Io): Promise<number> {
  const result = await withClient(options, io, async (client) => {
    const tools = await listTools(client);
    // A tool that is not listed is called too: only the response says which scopes it needs.
    const schema = tools.find((tool) => tool.name === name)?.inputSchema;
    const request = { name, arguments: readArguments(options, schema ?? ANY_ARGUMENTS) };
    try {
      return await client.callTool(request, {
        timeout: MAX_CALL_MS,
        onprogress: ({ progress, total, message = '' }) =>
          io.stderr.write(
            `${printable(`${progress}${total === undefined ? '' : `/${total}`} ${message}`)}\n`,
          ),
      });
    } catch (error) {
      const { ProtocolError } = await loadSdk();
      throw schema === undefined && error instanceof ProtocolError ? unknownTool(name, tools, error) : error;
    }
  });
  if (options.json) writeJson(io, result);
  else io.stdout.write(`${printable(textOf(result))}\n`);
  return result.isError ? 1 : 0;
}

const ANY_ARGUMENTS: Tool['inputSchema'] = { type: 'object', additionalProperties: true };

function unknownTool(name: string, tools: readonly Tool[], cause: Error): Error {
  const names = tools.map((offered) => offered.name);
  return new Error(
    `The server offers this caller no tool "${name}".${didYouMean(name, names)} ` +
      `It offers: ${names.join(', ') || 'none'}. If you have just written the tool, list its class in the providers of a module, and restart the server. If the tool is secret, ask for its scopes with --scope.`,
    { cause },
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
