import { isRecord } from '../is-record.js';
import type { ObjectSchema } from './published-schema/published-schema.js';

/** An argument that clients of MCP 2026-07-28 repeat in an HTTP header, so that a proxy can route by it. */
export interface ParameterHeader {
  /** Lower case: `mcp-param-…` */
  readonly header: string;
  /** Where the argument is. */
  readonly path: readonly string[];
}

const ANNOTATION = 'x-mcp-header';
/** RFC 9110 §5.6.2 */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const TYPES = new Set(['string', 'integer', 'boolean']);
/** How a value that no header can hold is written (MCP 2026-07-28, transports). */
const ENCODED = /^=\?base64\?(.*)\?=$/;

/**
 * The `x-mcp-header` annotations of an input schema.
 *
 * @param problems receives those that the specification does not allow: no token, two alike, of another type,
 *   or elsewhere than along `properties`
 */
export function parameterHeadersOf(schema: ObjectSchema, problems: string[]): ParameterHeader[] {
  const found: ParameterHeader[] = [];
  const visit = (node: unknown, path: readonly string[]): void => {
    if (!isRecord(node)) return;
    if (ANNOTATION in node) {
      const name = node[ANNOTATION];
      const header = `mcp-param-${String(name).toLowerCase()}`;
      if (typeof name !== 'string' || !TOKEN.test(name)) {
        problems.push(`its ${ANNOTATION} ${JSON.stringify(name)} is no name of a header`);
      } else if (path.length === 0 || typeof node['type'] !== 'string' || !TYPES.has(node['type'])) {
        problems.push(`its ${ANNOTATION} "${name}" is not on a string, an integer or a boolean`);
      } else if (found.some((other) => other.header === header)) {
        problems.push(`its ${ANNOTATION} "${name}" is there twice`);
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
    problems.push(`its ${ANNOTATION} stands elsewhere than on a property`);
  }
  return found;
}

/**
 * What is wrong with the headers that repeat the arguments of a call; undefined when nothing is.
 *
 * @param headerOf the value of a header of the request
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
      // A proxy may have routed, or allowed, the call by a value that the tool never sees.
      if (sent !== undefined)
        return `The header ${header} is present, and the arguments have no value for it.`;
      continue;
    }
    if (sent === undefined) return `The header ${header} is missing, and the arguments have a value for it.`;
    if (!matches(sent, value)) return `The header ${header} is not what the arguments say.`;
  }
  return undefined;
}

function matches(sent: string, value: unknown): boolean {
  const text = decoded(sent);
  if (text === undefined) return false;
  // 42 and 42.0 are the same integer.
  if (typeof value === 'number') return text.trim() !== '' && Number(text) === value;
  return text === String(value);
}

/** What a header says; undefined where it is encoded, but badly. */
function decoded(sent: string): string | undefined {
  const encoded = ENCODED.exec(sent)?.[1];
  if (encoded === undefined) return sent;
  const bytes = Buffer.from(encoded, 'base64');
  // Buffer is lenient: it leaves out what is no base64, and needs no padding.
  return bytes.toString('base64') === encoded ? bytes.toString() : undefined;
}
