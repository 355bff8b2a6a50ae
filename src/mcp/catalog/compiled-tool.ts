import type { Tool } from '@modelcontextprotocol/server';

import type { AccessDeclaration } from '../../auth/access/access-rule.js';
import { deepFreeze } from '../../config/deep-freeze.js';
import { parseRate, type Rate } from '../../config/units.js';
import type { McpToolOptions } from '../decorators/mcp-tool.decorator.js';
import { jsonSchemaOf, NO_ARGUMENTS, objectSchemaOf } from './json-schema.js';
import type { MethodRunner } from './method-runner.js';
import { compileOffer, type Offer, shown, type Validate, type Validation } from './offer.js';
import { type ParameterHeader, parameterHeadersOf } from './parameter-headers.js';

/** A tool as start-up leaves it: everything known that a request would otherwise have to work out. */
export interface CompiledTool extends Offer {
  readonly kind: 'tool';
  /** What `tools/list` shows. */
  readonly definition: Readonly<Tool>;
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
 * @param problems receives what is wrong with the declaration, in words for its author
 */
export function compileTool(
  options: McpToolOptions,
  inherited: readonly AccessDeclaration[],
  run: MethodRunner,
  problems: string[],
): CompiledTool {
  const { name, description, input, output, organizationArgument, cost = 1 } = options;
  if (!description.trim()) problems.push('it has no description, so no model can tell what it is for');
  const inputSchema = input ? objectSchemaOf(input, 'input', problems) : NO_ARGUMENTS;
  const outputSchema = output && jsonSchemaOf(output, 'output', problems);
  if (organizationArgument !== undefined && !hasProperty(inputSchema, organizationArgument)) {
    problems.push(`its organizationArgument "${organizationArgument}" is not in its input`);
  }
  const bound = organizationArgument === undefined ? [] : [{ organization: true }];
  return Object.freeze({
    ...compileOffer('tool', options, [...inherited, ...bound], problems),
    definition: deepFreeze<Tool>({
      name,
      ...shown(options, 'title'),
      description,
      inputSchema,
      ...(outputSchema && { outputSchema }),
      ...(options.annotations && { annotations: options.annotations }),
      ...(options.icons && { icons: [...options.icons] }),
      ...(options._meta && { _meta: { ...options._meta } }),
    }),
    organizationArgument,
    rate: toolRate(options, problems),
    cost,
    parameterHeaders: parameterHeadersOf(inputSchema, problems),
    validate: input ? (value: unknown) => input['~standard'].validate(value) : acceptNothing,
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

/** Of what takes no arguments. */
export function acceptNothing(value: unknown): Validation {
  const names = typeof value === 'object' && value !== null ? Object.keys(value) : ['arguments'];
  return names.length === 0
    ? { value: {} }
    : {
        issues: names.slice(0, 10).map((name) => ({ message: 'This takes no arguments.', path: [name] })),
      };
}
