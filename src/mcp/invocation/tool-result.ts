import {
  type CallToolResult,
  type ContentBlock,
  isCallToolResult,
  isSpecType,
} from '@modelcontextprotocol/server';

import type { CompiledTool } from '../catalog/compiled-tool.js';
import { isRecord } from '../../values/is-record.js';
import { jsonText } from '../../values/json-text.js';
import { lastingText } from '../../values/known-text.js';
import { problemTexts } from '../failures/input-problems.js';
import { type Json, plainJson } from '../../values/plain-json.js';
import { isPlainResult } from './plain-result.js';
import { membersWithoutNulls, withoutNulls } from './without-nulls.js';

type Output = Pick<CompiledTool, 'name' | 'definition' | 'validateOutput'>;

/** Creates a result that reports a failure to the model (MCP specification, server/tools, error handling). */
export function errorResult(text: string): CallToolResult {
  return { content: [{ type: 'text', text }], isError: true };
}

/**
 * Converts the return value of a tool to a result. A string becomes text. Any other value becomes JSON text, and an
 * object also becomes structured content. Images and other content blocks are kept if no output is declared. `undefined` becomes an empty result. A complete result is kept.
 *
 * If the tool declares an output, the text is written from the validated value. Members that the schema strips, such as
 * a password hash, appear in neither form.
 *
 * @throws {NotJsonError} when JSON cannot represent the value
 * @throws {TypeError} when the value does not match the declared output, or is an invalid complete result
 */
export async function toToolResult(returned: unknown, tool: Output): Promise<CallToolResult> {
  if (typeof returned === 'string' && !tool.validateOutput) return { content: [textBlock(returned)] };
  const value = plainJson(returned);
  if (isWholeResult(value, tool)) return completed(value, tool);
  const blocks = tool.validateOutput ? undefined : blocksIn(value);
  if (blocks) return completed({ content: blocks }, tool);
  const output = await promised(value, tool);
  if (output === undefined || (output === null && !tool.validateOutput)) return { content: [] };
  const isStructured = tool.validateOutput !== undefined || isRecord(output);
  return { content: [textBlock(lastingText(output))], ...(isStructured && { structuredContent: output }) };
}

/** Completes a result: adds missing text and validates the structured content. */
async function completed(value: Record<string, Json>, tool: Output): Promise<CallToolResult> {
  const { resultType: _ofTheProtocol, structuredContent, ...others } = value;
  const { content: given, ...rest } = membersWithoutNulls(others);
  const isError = rest['isError'] === true;
  // Null is a value only if the tool declares an output. Otherwise it means absent.
  const isNone = structuredContent === null && (isError || !tool.validateOutput);
  const structured = isNone ? undefined : structuredContent;
  const output = isError ? await asPromised(structured, tool) : await promised(structured, tool);
  const text = output === undefined ? structured : output;
  const written = text === undefined ? [] : [textBlock(lastingText(text))];
  const content = given === undefined ? written : isError ? blocksOfError(given) : knownBlocks(given);
  const result = { ...rest, content, ...(output !== undefined && { structuredContent: output }) };
  if (isPlainResult(result) || isCallToolResult(result)) return result;
  if (isError) return { content: blocksOfError(given ?? written), isError };
  throw new TypeError('The tool returned an invalid result: see CallToolResult.');
}

/** Converts invalid blocks of an error to text, so that the model can always read the error. */
const blocksOfError = (content: Json): ContentBlock[] =>
  (Array.isArray(content) ? content : [content]).map((block) =>
    isSpecType.ContentBlock(block) ? block : textBlock(typeof block === 'string' ? block : jsonText(block)),
  );

/** Converts blocks of unknown types to text. Clients would reject the whole result because of one such block. */
const knownBlocks = (content: Json): Json =>
  Array.isArray(content)
    ? content.map((block) => (isUnknownBlock(block) ? textBlock(jsonText(block)) : block))
    : content;

/**
 * Validates the value against the declared output. Returns the value unchanged if the tool declares no output.
 *
 * If the output validates to `undefined`, null is validated instead: clients reject a result without the declared
 * structured content.
 *
 * @throws {TypeError} when the value does not match; this is a bug in the tool, which the caller cannot fix
 */
async function promised(value: unknown, tool: Output): Promise<unknown> {
  const { name, validateOutput } = tool;
  if (!validateOutput) return value;
  const outcome = await validateOutput(value);
  if (!outcome.issues) {
    return outcome.value === undefined && value !== null ? promised(null, tool) : plainJson(outcome.value);
  }
  const problems = problemTexts(outcome.issues).join('; ');
  throw new TypeError(`${name} returned a value that does not match its output schema: ${problems}`);
}

/** Validates the structured content of an error. Returns undefined if the value does not match the declared output. */
async function asPromised(value: unknown, { validateOutput }: Output): Promise<unknown> {
  if (!validateOutput || value === undefined) return value;
  const outcome = await validateOutput(value);
  return outcome.issues ? undefined : plainJson(outcome.value);
}

/** Members of a result in the protocol. `meta` is the name of `_meta` in the Python SDK's models. */
const RESULT_MEMBERS = new Set(['content', 'structuredContent', 'isError', '_meta', 'meta', 'resultType']);

/** Members of content blocks in the protocol, by type, in addition to {@link MEMBERS_OF_ALL_BLOCKS}. */
const BLOCK_MEMBERS: ReadonlyMap<unknown, readonly string[]> = new Map([
  ['text', ['text']],
  ['image', ['data', 'mimeType']],
  ['audio', ['data', 'mimeType']],
  ['resource', ['resource']],
  ['resource_link', ['uri', 'name', 'title', 'description', 'mimeType', 'size', 'icons']],
]);
const MEMBERS_OF_ALL_BLOCKS = ['type', 'annotations', '_meta'];

const isUnknownBlock = (block: Json): boolean =>
  isRecord(block) && typeof block['type'] === 'string' && !BLOCK_MEMBERS.has(block['type']);

/** Whether a value is a complete result, possibly with unknown members, and not the tool's data with a member `content`. */
function isWholeResult(value: Json | undefined, { definition }: Output): value is Record<string, Json> {
  if (!isRecord(value)) return false;
  const { content, structuredContent, isError } = value;
  const isOwn = (name: string): boolean => declares(definition.outputSchema, name);
  const hasOnlyKnown = (): boolean => Object.keys(value).every((name) => RESULT_MEMBERS.has(name));
  if (structuredContent !== undefined && structuredContent !== null && !isOwn('structuredContent'))
    return true;
  if (isError === true && !isOwn('isError')) return content !== undefined || hasOnlyKnown();
  if (!Array.isArray(content) || isOwn('content')) return false;
  // An empty list next to other members is data, such as a page without entries.
  if (content.length === 0) return hasOnlyKnown();
  const isKnown = content.every((block) => isRecord(block) && BLOCK_MEMBERS.has(block['type']));
  // Blocks of unknown types are the tool's own data, unless valid blocks are among them.
  return isKnown || (hasOnlyKnown() && content.every(isBlock) && content.some(isValidBlock));
}

const isBlock = (block: Json): boolean => isRecord(block) && typeof block['type'] === 'string';
const isValidBlock = (block: Json): boolean => isSpecType.ContentBlock(withoutNulls(block));

/** Whether a value is a content block without other members, which would make it the tool's own data. */
function isOnlyBlock(value: Json): boolean {
  if (!isRecord(value) || !isValidBlock(value)) return false;
  const members = [...MEMBERS_OF_ALL_BLOCKS, ...(BLOCK_MEMBERS.get(value['type']) ?? [])];
  return Object.keys(value).every((name) => members.includes(name));
}

/** Returns the blocks if a value is a content block or a list of them. Objects that look like text blocks alone are data. */
function blocksIn(value: Json | undefined): Json[] | undefined {
  const blocks = Array.isArray(value) ? value : value === undefined ? [] : [value];
  const isContent =
    blocks.some((block) => isRecord(block) && block['type'] !== 'text' && BLOCK_MEMBERS.has(block['type'])) &&
    blocks.every(isOnlyBlock);
  return isContent ? blocks : undefined;
}

/** Whether a schema or one of its alternatives declares the property. */
function declares(schema: unknown, name: string): boolean {
  if (!isRecord(schema)) return false;
  const { properties, anyOf, oneOf, allOf } = schema;
  if (isRecord(properties) && Object.hasOwn(properties, name)) return true;
  return [anyOf, oneOf, allOf].some((some) => Array.isArray(some) && some.some((one) => declares(one, name)));
}

const textBlock = (text: string): { type: 'text'; text: string } => ({ type: 'text', text });
