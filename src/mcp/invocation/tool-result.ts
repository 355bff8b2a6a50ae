import { type CallToolResult, isCallToolResult } from '@modelcontextprotocol/server';

import type { CompiledTool } from '../catalog/compiled-tool.js';
import { isRecord } from '../is-record.js';
import { jsonText } from '../json-text.js';
import { inWords } from './input-problems.js';
import { type Json, plainJson } from './plain-json.js';

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
  const { structuredContent: structured, resultType: _ofTheProtocol, ...others } = value;
  const output =
    value['isError'] === true ? await asPromised(structured, tool) : await promised(structured, tool);
  const text = output === undefined ? structured : output;
  const result: unknown = {
    ...others,
    content: others['content'] ?? (text === undefined ? [] : [textBlock(jsonText(text))]),
    ...(output !== undefined && { structuredContent: output }),
  };
  if (isCallToolResult(result)) return result;
  throw new TypeError('The tool returned a result that is not valid: see CallToolResult.');
}

/**
 * The output as the tool declares it; the value itself where the tool declares none.
 *
 * @throws {TypeError} when the value is something else, which is the tool's fault and nothing that a caller can change
 */
async function promised(value: unknown, { name, validateOutput }: Output): Promise<unknown> {
  if (!validateOutput) return value;
  const outcome = await validateOutput(value);
  if (!outcome.issues) return plainJson(outcome.value);
  const problems = inWords(outcome.issues).join('; ');
  throw new TypeError(`${name} returned something else than its output schema: ${problems}`);
}

/** The output as the tool declares it; undefined where the value is something else, as it may be in an error. */
async function asPromised(value: unknown, { validateOutput }: Output): Promise<unknown> {
  if (!validateOutput || value === undefined) return value;
  const outcome = await validateOutput(value);
  return outcome.issues ? undefined : plainJson(outcome.value);
}

/** The members of a result that the protocol knows. */
const RESULT_MEMBERS = new Set(['content', 'structuredContent', 'isError', '_meta', 'resultType']);
const BLOCK_TYPES = new Set<unknown>(['text', 'image', 'audio', 'resource', 'resource_link']);

/**
 * Whether a value is a whole result, perhaps with members that we do not know, as opposed to a tool's own data that
 * happens to have a member `content`.
 */
function isWholeResult(value: unknown, { definition }: Output): value is Record<string, Json> {
  if (!isRecord(value)) return false;
  const { content, structuredContent, isError } = value;
  const isOwn = (name: string): boolean => declares(definition.outputSchema, name);
  const hasOnlyKnown = (): boolean => Object.keys(value).every((name) => RESULT_MEMBERS.has(name));
  if (structuredContent !== undefined && !isOwn('structuredContent')) return true;
  if (isError === true && !isOwn('isError')) return content !== undefined || hasOnlyKnown();
  if (!Array.isArray(content) || isOwn('content')) return false;
  // Next to other data, an empty list is data too, such as a page without entries.
  return content.length === 0
    ? hasOnlyKnown()
    : content.every((block) => isRecord(block) && BLOCK_TYPES.has(block['type']));
}

/** Whether a schema, or one of its alternatives, has a property of that name. */
function declares(schema: unknown, name: string): boolean {
  if (!isRecord(schema)) return false;
  const { properties, anyOf, oneOf, allOf } = schema;
  if (isRecord(properties) && Object.hasOwn(properties, name)) return true;
  return [anyOf, oneOf, allOf].some((some) => Array.isArray(some) && some.some((one) => declares(one, name)));
}

const textBlock = (text: string): { type: 'text'; text: string } => ({ type: 'text', text });
