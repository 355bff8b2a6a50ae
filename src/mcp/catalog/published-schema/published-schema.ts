import type { Tool } from '@modelcontextprotocol/server';

import type { InputSchema } from '../../decorators/mcp-tool.decorator.js';
import { DTO_VENDOR } from '../../dto/from-dto.js';
import { REDACT_KEYWORD } from '../../dto/redact.js';
import type { Findings } from '../findings.js';
import { inputWarnings, outputWarnings, patternsOf, placeOf } from './client-warnings.js';
import { compileFault } from './clients.js';
import { HAND_WRITTEN, inputFault, toJsonSchema } from './conversion.js';
import { adaptOutput } from './outputs.js';
import { patternFault } from './patterns.js';
import { withInlinedRoot } from './references.js';
import { admitsObject, admitsOnlyObjects, asObject, wrapped } from './roots.js';
import { subschemas } from './subschemas.js';
import type { JsonSchema } from '../../../values/json-schema.js';
import { messageOf } from '../../../values/trace-of.js';

/** JSON Schema of an object. */
export type ObjectSchema = Tool['inputSchema'];

/** Schema for a tool or prompt without arguments. It allows extra members, because some clients add their own. */
export const NO_ARGUMENTS: ObjectSchema = { type: 'object', properties: {} };

/** Schemas of a tool's structured content, by protocol revision of the client. */
export interface PublishedOutput {
  /** Schema for the modern era, where structured content is any JSON value. */
  readonly schema: NonNullable<Tool['outputSchema']>;
  /** Schema for the legacy era, which allows only objects. The same schema if the output is an object. */
  readonly legacySchema: ObjectSchema;
}

/** Converts the schema of a tool's input or a prompt's arguments to the schema that clients receive. */
export function publishInput(
  schema: InputSchema,
  what: 'input' | 'arguments',
  findings: Findings,
): ObjectSchema {
  const document = convert(schema, what, 'input', findings);
  if (!document) return NO_ARGUMENTS;
  if (!admitsObject(document)) {
    findings.problems.push(
      `its ${what} ${what === 'arguments' ? 'are' : 'is'} of type ${JSON.stringify(document['type'] ?? 'other than object')}, but arguments must be an object. Declare them with z.object({ … })`,
    );
    return NO_ARGUMENTS;
  }
  if ([HAND_WRITTEN, DTO_VENDOR].includes(schema['~standard'].vendor)) {
    refuseUnlessCompiled(document, what, findings);
  }
  if (isOpen(document)) {
    findings.warnings.push(
      `its ${what} ${what === 'arguments' ? 'accept' : 'accepts'} any value, so clients are told of no arguments. Declare each argument, or omit ${what} if there are none.`,
    );
  }
  if (what === 'input') findings.warnings.push(...inputWarnings(document, what));
  return asObject(document);
}

/** Converts the schema of a tool's structured content to the schemas that clients receive. */
export function publishOutput(schema: InputSchema, findings: Findings): PublishedOutput | undefined {
  const document = convert(schema, 'output', 'output', findings);
  if (!document) return undefined;
  const unusable = inputFault(schema);
  if (unusable !== undefined) {
    findings.problems.push(
      `its output takes values that JSON cannot represent (${unusable}), but results are validated as JSON. Use strings instead.`,
    );
  }
  if (unusable === undefined && admitsNothing(schema)) {
    findings.problems.push(
      'its output may be undefined, which JSON cannot represent, and clients reject results without structured content. ' +
        'Remove optional(), or allow null and return null.',
    );
  }
  adaptOutput(document);
  const published = admitsOnlyObjects(document) ? asObject(document) : document;
  const legacySchema = isOfObject(published) ? published : wrapped(published);
  refuseUnlessCompiled(legacySchema, 'output', findings);
  findings.warnings.push(...outputWarnings(document));
  return { schema: published, legacySchema };
}

/**
 * Whether a schema accepts undefined but not null, so that a missing result cannot be sent. The result of an
 * asynchronous schema is only known when the tool is called.
 */
function admitsNothing({ '~standard': { validate } }: InputSchema): boolean {
  const yieldsNothing = (value: unknown): boolean | undefined => {
    try {
      const outcome = validate(value);
      if (!(outcome instanceof Promise)) return outcome.issues ? undefined : outcome.value === undefined;
      outcome.catch(() => undefined);
    } catch {
      // A transform that fails for this value may work for others.
    }
    return undefined;
  };
  return yieldsNothing(undefined) === true && yieldsNothing(null) !== false;
}

/** Whether any value satisfies a schema, such as that of `z.any()`. */
const isOpen = (document: JsonSchema): boolean =>
  Object.keys(document).every((keyword) => ANNOTATIONS.includes(keyword));
const ANNOTATIONS =
  '$comment $defs $id $schema default definitions deprecated description examples readOnly title writeOnly'.split(
    ' ',
  );

const isOfObject = (schema: JsonSchema): schema is ObjectSchema => schema['type'] === 'object';

function convert(
  schema: InputSchema,
  what: string,
  direction: 'input' | 'output',
  { problems }: Findings,
): JsonSchema | undefined {
  try {
    const document = withInlinedRoot(toJsonSchema(schema, direction, what === 'arguments'));
    for (const { schema: part } of subschemas(document)) delete part[REDACT_KEYWORD];
    const invalid = typeProblems(document, what);
    problems.push(...patternProblems(document, what), ...invalid);
    return invalid.length === 0 ? document : undefined;
  } catch (error) {
    problems.push(`its ${what} cannot be converted to JSON Schema: ${messageOf(error)}`);
    return undefined;
  }
}

const TYPES = ['array', 'boolean', 'integer', 'null', 'number', 'object', 'string'];

function typeProblems(document: JsonSchema, what: string): string[] {
  return [...subschemas(document)].flatMap(({ schema: { type = [] }, path }) =>
    [type]
      .flat()
      .filter((name) => !TYPES.some((known) => known === name))
      .map(
        (name) =>
          `its ${placeOf(what, path)} has the invalid JSON Schema type ${JSON.stringify(name)}. Use ${TYPES.join(', ')}.`,
      ),
  );
}

function patternProblems(document: JsonSchema, what: string): string[] {
  return patternsOf(document).flatMap(({ pattern, path }) => {
    const fault = patternFault(pattern);
    return fault === undefined
      ? []
      : [
          `its ${placeOf(what, path)} has a pattern that clients cannot compile (${fault}). ` +
            'Rewrite it so that it compiles with the flag u.',
        ];
  });
}

function refuseUnlessCompiled(schema: JsonSchema, what: string, { problems }: Findings): void {
  if (patternProblems(schema, what).length > 0) return; // those problems are more specific
  const fault = compileFault(schema);
  if (fault !== undefined)
    problems.push(`its ${what} is a JSON Schema that clients cannot compile: ${fault}`);
}
