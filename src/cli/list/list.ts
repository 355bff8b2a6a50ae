import type { Prompt, Tool } from '@modelcontextprotocol/client';

import { listOffered } from '../client/offered.js';
import type { ClientOptions } from '../client/options.js';
import { withClient } from '../client/with-client.js';
import { type Io, writeJson } from '../terminal/io.js';
import { printable } from '../terminal/printable.js';

/** Lists the tools, resources and prompts that the caller sees. */
export async function list(options: ClientOptions, io: Io): Promise<void> {
  const offered = await withClient(options, io, listOffered);
  if (options.json) {
    writeJson(io, offered);
    return;
  }
  const resources = [
    ...offered.resources.map(({ uri, description }) => entry(uri, description)),
    ...offered.resourceTemplates.map(({ uriTemplate, description }) => entry(uriTemplate, description)),
  ];
  const lines = [
    ...section('Tools', offered.tools.map(describeTool)),
    ...section('Resources', resources),
    ...section('Prompts', offered.prompts.map(describePrompt)),
  ];
  io.stdout.write(`${printable(lines.join('\n'))}\n`);
}

const section = (title: string, entries: readonly string[]): string[] => [
  `${title} (${entries.length})`,
  ...entries,
];

/** Returns a name with the first line of its description. */
function entry(name: string, description = '', details = ''): string {
  const [summary = ''] = description.split('\n');
  return `  ${name}${details}${summary === '' ? '' : `\n      ${summary}`}`;
}

function describeTool({ name, description, inputSchema }: Tool): string {
  const required = new Set(inputSchema.required);
  const members = Object.keys(inputSchema.properties ?? {});
  return entry(name, description, parameters(members.map((member) => [member, required.has(member)])));
}

const describePrompt = ({ name, description, arguments: given = [] }: Prompt): string =>
  entry(name, description, parameters(given.map((argument) => [argument.name, argument.required === true])));

/** Lists parameters, with a question mark after the optional ones. */
const parameters = (members: readonly (readonly [name: string, isRequired: boolean])[]): string =>
  `(${members.map(([name, isRequired]) => (isRequired ? name : `${name}?`)).join(', ')})`;
