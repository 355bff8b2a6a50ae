import type { Tool } from '@modelcontextprotocol/server';

import { isRecord } from '../../../values/is-record.js';
import { type JsonSchema, typesOf } from '../../../values/json-schema.js';
import { foreignConstructs } from './patterns.js';
import { type Subschema, subschemas } from './subschemas.js';

/** Member names that Anthropic's API accepts in an input. */
const PROPERTY_NAME = /^[a-zA-Z0-9_.-]{1,64}$/;
/** Cursor's maximum length of server name and tool name together, in characters. */
const MAX_CURSOR_NAMES = 60;

/** Warns about parts of an input schema that some clients reject. */
export function inputWarnings(document: JsonSchema, what: string): string[] {
  const warnings: string[] = [];
  for (const union of ['anyOf', 'oneOf', 'allOf'].filter((keyword) => keyword in document)) {
    warnings.push(
      `its ${what} has ${union} at the root: Anthropic's API rejects every request that contains such a tool. ` +
        'Use one object with the union in a member.',
    );
  }
  const references = new Set<string>();
  for (const found of subschemas(document)) {
    warnings.push(...memberWarnings(found, what));
    if (typeof found.schema['$ref'] === 'string') references.add(found.schema['$ref']);
  }
  if (references.size > 0) {
    warnings.push(
      `its ${what} has $ref (${[...references].join(', ')}): older versions of Gemini CLI reject it. Repeat the schema where it is used.`,
    );
  }
  return [...warnings, ...patternWarnings(document, what)];
}

function memberWarnings({ schema, path }: Subschema, what: string): string[] {
  const where = placeOf(what, path);
  const names = namesIn(schema['properties']).filter((name) => !PROPERTY_NAME.test(name));
  return [
    ...names.map(
      (name) =>
        `its ${where} has a member named ${JSON.stringify(name)}: Anthropic's API rejects names that do not match ${PROPERTY_NAME.source}.`,
    ),
    ...('prefixItems' in schema ? [`its ${where} has prefixItems: Gemini rejects it. Use an object.`] : []),
    ...(isOpenArray(schema)
      ? [`its ${where} is an array without items: VS Code rejects the tool. Add a schema for the items.`]
      : []),
  ];
}

const namesIn = (members: unknown): string[] => (isRecord(members) ? Object.keys(members) : []);

const isOpenArray = (schema: JsonSchema): boolean =>
  typesOf(schema).includes('array') && !('items' in schema) && !('prefixItems' in schema);

/** Warns about parts of an output schema that some clients reject. */
export function outputWarnings(document: JsonSchema): string[] {
  const { $schema: dialect } = document;
  return [
    ...(typeof dialect === 'string' && dialect.includes('draft-07')
      ? [`its output declares ${dialect}: Claude rejects it. Use JSON Schema 2020-12.`]
      : []),
    ...patternWarnings(document, 'output'),
  ];
}

function patternWarnings(document: JsonSchema, what: string): string[] {
  return patternsOf(document).flatMap(({ pattern, path }) => {
    const foreign = foreignConstructs(pattern);
    const clients = [
      ...(foreign.some(({ python }) => python) ? ['clients in Python (re)'] : []),
      ...(foreign.some(({ go }) => go) ? ['clients in Go (RE2)'] : []),
    ];
    if (clients.length === 0) return [];
    const constructs = foreign.map(({ construct }) => construct).join(' ');
    return [
      `its ${placeOf(what, path)} has the pattern ${pattern}: ${clients.join(' and ')} cannot compile ${constructs}.`,
    ];
  });
}

/** Returns the patterns of a document, for values and for member names. */
export function patternsOf(document: JsonSchema): { readonly pattern: string; readonly path: string }[] {
  return [...subschemas(document)].flatMap(({ schema, path }) =>
    [schema['pattern'], ...namesIn(schema['patternProperties'])]
      .filter((pattern) => typeof pattern === 'string')
      .map((pattern) => ({ pattern, path })),
  );
}

/** Describes a place in a schema, such as `input member "lines[].price"`. */
export const placeOf = (what: string, path: string): string =>
  path === '' ? what : `${what} member "${path}"`;

/** Warns about tool names that some clients reject. */
export function toolNameWarnings(name: string, serverName: string): string[] {
  const length = serverName.length + name.length;
  return [
    ...(name.includes('.')
      ? [
          "its name has a dot: OpenAI's and Anthropic's APIs allow only letters, digits, _ and - in tool names.",
        ]
      : []),
    ...(length > MAX_CURSOR_NAMES
      ? [
          `its name and the server's name "${serverName}" have ${length} characters: Cursor omits tools with more than ${MAX_CURSOR_NAMES}.`,
        ]
      : []),
  ];
}

/** Members of the results of ChatGPT's tools. */
const CHATGPT_RESULTS = { search: ['results'], fetch: ['id', 'title', 'text', 'url'] };

/** Warns about one of ChatGPT's tools `search` and `fetch` without the other, or without the form that ChatGPT expects. */
export function chatGptWarnings(
  tools: readonly { readonly name: string; readonly definition: { readonly outputSchema?: JsonSchema } }[],
): string[] {
  const isFor = (name: keyof typeof CHATGPT_RESULTS): boolean =>
    tools.some(
      (tool) =>
        tool.name === name &&
        CHATGPT_RESULTS[name].every((member) =>
          namesIn(tool.definition.outputSchema?.['properties']).includes(member),
        ),
    );
  const [search, fetch] = [isFor('search'), isFor('fetch')];
  if (search === fetch) return [];
  const [present, missing, decorator] = search
    ? ['search', 'fetch', '@ChatGptFetch()']
    : ['fetch', 'search', '@ChatGptSearch()'];
  return [
    `There is a tool ${present} for ChatGPT, but no tool ${missing} with the result that ChatGPT expects: deep research and company knowledge need both. Declare it with ${decorator}.`,
  ];
}

/** Warns of tools without hints about their effects. */
export function hintWarnings(
  tools: readonly { readonly name: string; readonly definition: Readonly<Tool> }[],
): string[] {
  const silent = tools
    .filter(
      ({ definition: { annotations = {} } }) =>
        !('readOnlyHint' in annotations || 'destructiveHint' in annotations),
    )
    .map(({ name }) => name);
  return silent.length === 0
    ? []
    : [
        `Clients must treat ${silent.join(', ')} as destructive: the annotations set neither readOnlyHint nor destructiveHint.`,
      ];
}
