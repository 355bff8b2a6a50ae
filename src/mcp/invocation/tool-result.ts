import {
  type CallToolResult,
  type ContentBlock,
  isCallToolResult,
  isSpecType,
} from '@modelcontextprotocol/server';

import type { CompiledTool } from '../catalog/compiled-tool.js';
import { isRecord } from '../is-record.js';
import { jsonText } from '../json-text.js';
import { inWords } from './input-problems.js';
import { type Json, plainJson } from './plain-json.js';
import { membersWithoutNulls, withoutNulls } from './without-nulls.js';

type Output = Pick<CompiledTool, 'name' | 'definition' | 'validateOutput'>;

/** A result that tells the model of a failure (MCP specification, server/tools, error handling). */
export function errorResult(text: string): CallToolResult {
  return { content: [{ type: 'text', text }], isError: true };
}

/**
 * Makes what a tool returned into a result: a string becomes text, a plain value becomes JSON text (and structured
 * content, where it is an object), nothing becomes an empty result, and a whole result stays as it is.
 *
 * Where the tool declares an output, text is written from the validated value: what the schema strips, such as a
 * password hash, is in neither form.
 *
 * @throws {NotJsonError} when JSON cannot represent the value
 * @throws {TypeError} when the value is not what the tool declares, or is a whole result of no valid form
 */
export async function toToolResult(returned: unknown, tool: Output): Promise<CallToolResult> {
  if (typeof returned === 'string' && !tool.validateOutput) return { content: [textBlock(returned)] };
  const value = plainJson(returned);
  if (isWholeResult(value, tool)) return completed(value, tool);
  const output = await promised(value, tool);
  if (output === undefined || (output === null && !tool.validateOutput)) return { content: [] };
  const isStructured = tool.validateOutput !== undefined || isRecord(output);
  return { content: [textBlock(jsonText(output))], ...(isStructured && { structuredContent: output }) };
}

/** A whole result with the text that it lacks, and with structured content only as the tool declares it. */
async function completed(value: Record<string, Json>, tool: Output): Promise<CallToolResult> {
  const { resultType: _ofTheProtocol, structuredContent, ...others } = value;
  const { content: given, ...rest } = membersWithoutNulls(others);
  const isError = rest['isError'] === true;
  // Null means something only where the tool declares an output, which may be null.
  const isNone = structuredContent === null && (isError || !tool.validateOutput);
  const structured = isNone ? undefined : structuredContent;
  const output = isError ? await asPromised(structured, tool) : await promised(structured, tool);
  const text = output === undefined ? structured : output;
  const written = text === undefined ? [] : [textBlock(jsonText(text))];
  const content = given === undefined ? written : isError ? blocksOfError(given) : knownBlocks(given);
  const result: unknown = { ...rest, content, ...(output !== undefined && { structuredContent: output }) };
  if (isCallToolResult(result)) return result;
  if (isError) return { content: blocksOfError(given ?? written), isError };
  throw new TypeError('The tool returned a result that is not valid: see CallToolResult.');
}

/** Whatever an error consists of, the model can read it: what is no valid block becomes text. */
const blocksOfError = (content: Json): ContentBlock[] =>
  (Array.isArray(content) ? content : [content]).map((block) =>
    isSpecType.ContentBlock(block) ? block : textBlock(typeof block === 'string' ? block : jsonText(block)),
  );

/** Blocks of a type that the protocol lacks, which would make clients refuse all of them, become text. */
const knownBlocks = (content: Json): Json =>
  Array.isArray(content)
    ? content.map((block) => (isUnknownBlock(block) ? textBlock(jsonText(block)) : block))
    : content;

/**
 * The output as the tool declares it; the value itself where the tool declares none. Where the declaration admits
 * nothing (`undefined`), null has to fit it: clients refuse a result without the promised structured content.
 *
 * @throws {TypeError} when the value is something else, which is the tool's fault and nothing that a caller can change
 */
async function promised(value: unknown, tool: Output): Promise<unknown> {
  const { name, validateOutput } = tool;
  if (!validateOutput) return value;
  const outcome = await validateOutput(value);
  if (!outcome.issues) {
    return outcome.value === undefined && value !== null ? promised(null, tool) : plainJson(outcome.value);
  }
  const problems = inWords(outcome.issues).join('; ');
  throw new TypeError(`${name} returned something else than its output schema: ${problems}`);
}

/** The output as the tool declares it; undefined where the value is something else, as it may be in an error. */
async function asPromised(value: unknown, { validateOutput }: Output): Promise<unknown> {
  if (!validateOutput || value === undefined) return value;
  const outcome = await validateOutput(value);
  return outcome.issues ? undefined : plainJson(outcome.value);
}

/** The members of a result that the protocol knows; `meta` is how Python's SDK names `_meta` in its models. */
const RESULT_MEMBERS = new Set(['content', 'structuredContent', 'isError', '_meta', 'meta', 'resultType']);
const BLOCK_TYPES = new Set<unknown>(['text', 'image', 'audio', 'resource', 'resource_link']);

const isUnknownBlock = (block: Json): boolean =>
  isRecord(block) && typeof block['type'] === 'string' && !BLOCK_TYPES.has(block['type']);

/**
 * Whether a value is a whole result, perhaps with members that we do not know, as opposed to a tool's own data that
 * happens to have a member `content`.
 */
function isWholeResult(value: Json | undefined, { definition }: Output): value is Record<string, Json> {
  if (!isRecord(value)) return false;
  const { content, structuredContent, isError } = value;
  const isOwn = (name: string): boolean => declares(definition.outputSchema, name);
  const hasOnlyKnown = (): boolean => Object.keys(value).every((name) => RESULT_MEMBERS.has(name));
  if (structuredContent !== undefined && structuredContent !== null && !isOwn('structuredContent'))
    return true;
  if (isError === true && !isOwn('isError')) return content !== undefined || hasOnlyKnown();
  if (!Array.isArray(content) || isOwn('content')) return false;
  // Next to other data, an empty list is data too, such as a page without entries.
  if (content.length === 0) return hasOnlyKnown();
  const isKnown = content.every((block) => isRecord(block) && BLOCK_TYPES.has(block['type']));
  // Blocks of other types are a tool's own data, unless they are among valid ones.
  return isKnown || (hasOnlyKnown() && content.every(isBlock) && content.some(isValidBlock));
}

const isBlock = (block: Json): boolean => isRecord(block) && typeof block['type'] === 'string';
const isValidBlock = (block: Json): boolean => isSpecType.ContentBlock(withoutNulls(block));

/** Whether a schema, or one of its alternatives, has a property of that name. */
function declares(schema: unknown, name: string): boolean {
  if (!isRecord(schema)) return false;
  const { properties, anyOf, oneOf, allOf } = schema;
  if (isRecord(properties) && Object.hasOwn(properties, name)) return true;
  return [anyOf, oneOf, allOf].some((some) => Array.isArray(some) && some.some((one) => declares(one, name)));
}

const textBlock = (text: string): { type: 'text'; text: string } => ({ type: 'text', text });
