import { isRecord } from '../../values/is-record.js';
import type { ObjectSchema } from './published-schema/published-schema.js';

/** Argument that modern clients repeat in an HTTP header, so that a proxy can route by it. */
export interface ParameterHeader {
  /** Header name in lower case: `mcp-param-…` */
  readonly header: string;
  /** Path of the argument in the input. */
  readonly path: readonly string[];
}

const ANNOTATION = 'x-mcp-header';
/** RFC 9110 §5.6.2 */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const TYPES = new Set(['string', 'integer', 'boolean']);
/** Encoding of a value that is not allowed in a header (MCP 2026-07-28, transports). */
const ENCODED = /^=\?base64\?(.*)\?=$/;

/**
 * Finds the `x-mcp-header` annotations of an input schema.
 *
 * @param problems receives annotations that the specification does not allow: not a token, duplicate, wrong type, or
 *   not along `properties`
 */
export function parameterHeadersOf(schema: ObjectSchema, problems: string[]): ParameterHeader[] {
  const found: ParameterHeader[] = [];
  const visit = (node: unknown, path: readonly string[]): void => {
    if (!isRecord(node)) return;
    if (ANNOTATION in node) {
      const name = node[ANNOTATION];
      const header = `mcp-param-${String(name).toLowerCase()}`;
      if (typeof name !== 'string' || !TOKEN.test(name)) {
        problems.push(`its ${ANNOTATION} ${JSON.stringify(name)} is not a valid header name`);
      } else if (path.length === 0 || typeof node['type'] !== 'string' || !TYPES.has(node['type'])) {
        problems.push(`its ${ANNOTATION} "${name}" is not on a string, an integer or a boolean`);
      } else if (found.some((other) => other.header === header)) {
        problems.push(`its ${ANNOTATION} "${name}" is used twice`);
      } else {
        found.push({ header, path });
      }
    }
    const { properties } = node;
    if (!isRecord(properties)) return;
    for (const [name, property] of Object.entries(properties)) visit(property, [...path, name]);
  };
  visit(schema, []);
  const all = JSON.stringify(schema).split(`"${ANNOTATION}":`).length - 1;
  if (all > found.length && problems.length === 0) {
    problems.push(`its ${ANNOTATION} is not on a property`);
  }
  return found;
}

/**
 * Checks that the headers match the arguments of a call. Returns a message if they do not.
 *
 * @param headerOf returns the value of a request header
 */
export function parameterHeaderProblem(
  declared: readonly ParameterHeader[],
  input: unknown,
  headerOf: (name: string) => string | undefined,
): string | undefined {
  for (const { header, path } of declared) {
    const value = path.reduce<unknown>((node, name) => (isRecord(node) ? node[name] : undefined), input);
    const sent = headerOf(header);
    if (value === undefined || value === null) {
      // A proxy may have routed or allowed the call by a value that the tool never sees.
      if (sent !== undefined)
        return `The header ${header} is present, but the arguments have no value for it.`;
      continue;
    }
    if (sent === undefined) return `The header ${header} is missing, but the arguments have a value for it.`;
    if (!matches(sent, value)) return `The header ${header} does not match the arguments.`;
  }
  return undefined;
}

function matches(sent: string, value: unknown): boolean {
  const text = decodedHeader(sent);
  if (text === undefined) return false;
  // 42 and 42.0 are the same integer.
  if (typeof value === 'number') return text.trim() !== '' && Number(text) === value;
  return text === String(value);
}

/** Decodes a header value. Returns undefined for an invalid encoding. */
export function decodedHeader(sent: string): string | undefined {
  const encoded = ENCODED.exec(sent)?.[1];
  if (encoded === undefined) return sent;
  const bytes = Buffer.from(encoded, 'base64');
  // Buffer is lenient: it skips invalid characters and does not require padding.
  return bytes.toString('base64') === encoded ? bytes.toString() : undefined;
}
