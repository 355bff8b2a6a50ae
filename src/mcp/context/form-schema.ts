import {
  type ElicitRequestFormParams,
  isSpecType,
  type StandardSchemaV1,
  type StandardSchemaWithJSON,
} from '@modelcontextprotocol/server';

import { isRecord } from '../../values/is-record.js';
import { recordIn } from '../../values/record-in.js';

const ABOUT = ['type', 'title', 'description', 'default'];
const CHOICES = [...ABOUT, 'enum', 'enumNames', 'oneOf'];

/** Keywords that a form can carry (MCP specification, client/elicitation). */
const KEYWORDS: Readonly<Record<string, readonly string[]>> = {
  string: [...ABOUT, 'minLength', 'maxLength', 'format'],
  number: [...ABOUT, 'minimum', 'maximum'],
  integer: [...ABOUT, 'minimum', 'maximum'],
  boolean: ABOUT,
  array: [...ABOUT, 'minItems', 'maxItems', 'items'],
};
const FORMATS = new Set<unknown>(['email', 'uri', 'date', 'date-time']);

/**
 * Converts the schema of an answer to the form that clients show. Constraints that a form cannot carry are left out: the
 * answer is validated with the schema itself.
 *
 * @throws {TypeError} when a member is not a string, number, boolean or choice
 */
export function formSchema(message: string, schema: StandardSchemaWithJSON): RequestedSchema {
  const json = schema['~standard'].jsonSchema.input({ target: 'draft-2020-12' });
  const { type, properties, required, $defs } = json;
  if (type !== 'object' || !isRecord(properties)) throw unshowable(message, 'its schema is not an object');
  const shown = Object.entries(properties).map(([name, member]): [string, unknown] => {
    const field = fieldOf(named(member, $defs), $defs);
    if (isSpecType.PrimitiveSchemaDefinition(field)) return [name, field];
    throw unshowable(message, `its member "${name}" is not a string, number, boolean or list of choices`);
  });
  const form = { message, requestedSchema: { type, properties: Object.fromEntries(shown), required } };
  if (isSpecType.ElicitRequestFormParams(form)) return form.requestedSchema;
  throw unshowable(message, 'its schema is invalid');
}

type RequestedSchema = ElicitRequestFormParams['requestedSchema'];

const unshowable = (message: string, reason: string): TypeError =>
  new TypeError(
    `Clients cannot show the question "${message}" as a form: ${reason}. See docs/elicitation.md.`,
  );

/** Returns the definition that a member refers to, with the member's own keywords; otherwise the member itself. */
function named(member: unknown, definitions: unknown): unknown {
  const { $ref: reference, ...own } = recordIn(member);
  if (typeof reference !== 'string') return member;
  // A JSON pointer (RFC 6901 §3).
  const name = reference.replace('#/$defs/', '').replaceAll('~1', '/').replaceAll('~0', '~');
  return { ...recordIn(recordIn(definitions)[name]), ...own };
}

/** Returns a member without the keywords that a form cannot carry. */
function fieldOf(member: unknown, definitions: unknown): unknown {
  if (!isRecord(member)) return member;
  const { type, const: only, format, anyOf } = member;
  const choices = choicesIn(anyOf, definitions);
  if (choices) return { ...picked(member, ABOUT), type: 'string', ...choices };
  if (type === 'array') {
    const items = named(member['items'], definitions);
    const { enum: texts, oneOf } = choicesIn(recordIn(items)['anyOf'], definitions) ?? {};
    const shown = texts ? { type: 'string', enum: texts } : oneOf ? { anyOf: oneOf } : items;
    return { ...picked(member, KEYWORDS['array']), items: shown };
  }
  if (type !== 'string') return picked(member, KEYWORDS[String(type)]);
  if (typeof only === 'string') return { ...picked(member, ABOUT), enum: [only] };
  if ('enum' in member || 'oneOf' in member) return picked(member, CHOICES);
  const { format: _unknown, ...others } = member;
  return picked(FORMATS.has(format) ? member : others, KEYWORDS['string']);
}

interface Choices {
  readonly enum?: readonly string[];
  readonly oneOf?: readonly { readonly const: string; readonly title: string }[];
}

/** Returns the choices of a union of texts; undefined if it has anything else. */
function choicesIn(alternatives: unknown, definitions: unknown): Choices | undefined {
  if (!Array.isArray(alternatives) || alternatives.length === 0) return undefined;
  const texts = alternatives.flatMap((one: unknown) => {
    const { const: value, title } = recordIn(named(one, definitions));
    return typeof value === 'string'
      ? [{ const: value, title: typeof title === 'string' ? title : undefined }]
      : [];
  });
  if (texts.length < alternatives.length) return undefined;
  if (texts.every(({ title }) => title === undefined)) return { enum: texts.map((one) => one.const) };
  return { oneOf: texts.map((one) => ({ const: one.const, title: one.title ?? one.const })) };
}

const picked = (member: Record<string, unknown>, names: readonly string[] = ABOUT): Record<string, unknown> =>
  Object.fromEntries(Object.entries(member).filter(([name]) => names.includes(name)));

/** Maximum number of problems that the person reads. */
const MAX_PROBLEMS = 5;

/** Appends the problems of the last answer to a question. */
export const withProblems = (message: string, problems: readonly string[]): string =>
  problems.length === 0
    ? message
    : [
        `${message}\n\nThe last answer was invalid:`,
        ...problems.slice(0, MAX_PROBLEMS).map((problem) => `- ${problem}`),
      ].join('\n');

/** Formats a problem of an answer with the name of its member. */
export function problemOf({ path = [], message }: StandardSchemaV1.Issue): string {
  const where = path.map((part) => String(typeof part === 'object' ? part.key : part)).join('.');
  return where === '' ? message : `${where}: ${message}`;
}
