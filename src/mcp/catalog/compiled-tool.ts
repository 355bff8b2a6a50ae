import type { Tool } from '@modelcontextprotocol/server';

import type { AccessDeclaration } from '../../auth/access/access-rule.js';
import { deepFreeze } from '../../config/deep-freeze.js';
import { parseRate, type Rate } from '../../config/units.js';
import type { McpToolOptions } from '../decorators/mcp-tool.decorator.js';
import { isRecord } from '../is-record.js';
import { validateWithoutNulls } from './absent-nulls.js';
import type { Findings } from './findings.js';
import type { MethodRunner } from './method-runner.js';
import { compileOffer, type Offer, shown, type Validate, type Validation } from './offer.js';
import { type ParameterHeader, parameterHeadersOf } from './parameter-headers.js';
import { NO_ARGUMENTS, publishInput, publishOutput } from './published-schema/published-schema.js';

/** A tool as start-up leaves it: everything known that a request would otherwise have to work out. */
export interface CompiledTool extends Offer {
  readonly kind: 'tool';
  /** What `tools/list` shows. */
  readonly definition: Readonly<Tool>;
  /** What it shows in revisions before 2026-07-28; the same unless the output is not an object. */
  readonly legacyDefinition: Readonly<Tool>;
  /** The argument that may only name the caller's own organisation. */
  readonly organizationArgument: string | undefined;
  /** How often each caller may call it; undefined: as configured for all. */
  readonly rate: Rate | undefined;
  /** How many calls one call counts as. */
  readonly cost: number;
  /** Arguments that are repeated in headers. */
  readonly parameterHeaders: readonly ParameterHeader[];
  readonly validate: Validate;
  /** Of the structured content; undefined where none is promised. */
  readonly validateOutput: Validate | undefined;
  readonly run: MethodRunner;
}

/**
 * Converts a declaration once and for all.
 *
 * @param inherited what the class declares for all its tools
 * @param run how the tool's method is reached
 * @param findings receives what is wrong with the declaration, in words for its author
 */
export function compileTool(
  options: McpToolOptions,
  inherited: readonly AccessDeclaration[],
  run: MethodRunner,
  findings: Findings,
): CompiledTool {
  const { problems } = findings;
  const { name, description, input, output, organizationArgument, cost = 1 } = options;
  if (!description.trim()) problems.push('it has no description, so no model can tell what it is for');
  const inputSchema = input ? publishInput(input, 'input', findings) : NO_ARGUMENTS;
  const published = output && publishOutput(output, findings);
  if (organizationArgument !== undefined && !hasProperty(inputSchema, organizationArgument)) {
    problems.push(`its organizationArgument "${organizationArgument}" is not in its input`);
  }
  const bound = organizationArgument === undefined ? [] : [{ organization: true }];
  const define = (outputSchema: Tool['outputSchema']): Readonly<Tool> =>
    deepFreeze<Tool>({
      name,
      ...shown(options, 'title'),
      description,
      inputSchema,
      ...(outputSchema && { outputSchema }),
      ...(options.annotations && { annotations: options.annotations }),
      ...(options.icons && { icons: [...options.icons] }),
      ...(options._meta && { _meta: { ...options._meta } }),
    });
  const definition = define(published?.schema);
  return Object.freeze({
    ...compileOffer('tool', options, [...inherited, ...bound], problems),
    definition,
    legacyDefinition:
      published?.schema === published?.legacySchema ? definition : define(published?.legacySchema),
    organizationArgument,
    rate: toolRate(options, problems),
    cost,
    parameterHeaders: parameterHeadersOf(inputSchema, problems),
    validate: input ? validateWithoutNulls(input, inputSchema) : acceptNothing,
    validateOutput: output && ((value: unknown) => output['~standard'].validate(value)),
    run,
  });
}

function toolRate({ rateLimit, cost = 1 }: McpToolOptions, problems: string[]): Rate | undefined {
  const rate = rateLimit === undefined ? undefined : parseRate(rateLimit);
  if (rateLimit !== undefined && !rate) {
    problems.push(`its rateLimit "${rateLimit}" is not a rate such as 10/min (s, min or h)`);
  }
  if (!(Number.isInteger(cost) && cost > 0 && cost < 2 ** 31)) {
    problems.push(`its cost ${cost} is not a positive whole number`);
  } else if (rate && cost > rate.points) {
    problems.push(`its cost ${cost} is more than its rateLimit ${rateLimit} ever allows`);
  }
  return rate;
}

const hasProperty = ({ properties }: Tool['inputSchema'], name: string): boolean =>
  properties !== undefined && Object.hasOwn(properties, name);

/** Validates the arguments of what takes none. Others are ignored: some clients send members of their own. */
export const acceptNothing = (value: unknown): Validation =>
  isRecord(value) ? { value: {} } : { issues: [{ message: 'must be an object' }] };
