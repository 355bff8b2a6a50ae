import type { Tool } from '@modelcontextprotocol/server';

import type { AccessDeclaration } from '../../auth/access/access-rule.js';
import { deepFreeze } from '../../values/deep-freeze.js';
import type { McpToolOptions } from '../decorators/mcp-tool.decorator.js';
import { schemaOf } from '../dto/from-dto.js';
import { isRecord } from '../../values/is-record.js';
import { validateWithoutNulls } from './absent-nulls.js';
import type { Findings } from './findings.js';
import type { MethodRunner } from './method-runner.js';
import { compileOffer, type Offer, shown, type Validate, type Validation } from './offer.js';
import { type ParameterHeader, parameterHeadersOf } from './parameter-headers.js';
import { NO_ARGUMENTS, publishInput, publishOutput } from './published-schema/published-schema.js';
import { recordableOf } from './recordable.js';
import { GROUP_NAME } from './tool-groups.js';

/** Tool compiled at startup, so that a call does no avoidable work. */
export interface CompiledTool extends Offer {
  readonly kind: 'tool';
  /** Group by which clients, the tool policy and endpoints choose the tool; undefined if it is in none. */
  readonly group: string | undefined;
  /** Whether a list for clients that search tools shows it. */
  readonly pinned: boolean;
  /** Entry in `tools/list`. */
  readonly definition: Readonly<Tool>;
  /** Entry in `tools/list` in the legacy era. It differs only if the output is not an object. */
  readonly legacyDefinition: Readonly<Tool>;
  /** Argument that may only contain the caller's own organization id. */
  readonly organizationArgument: string | undefined;
  /** Arguments that clients repeat in HTTP headers. */
  readonly parameterHeaders: readonly ParameterHeader[];
  readonly validate: Validate;
  /** Validates the structured content; undefined if the tool declares no output. */
  readonly validateOutput: Validate | undefined;
  readonly run: MethodRunner;
}

export const isTool = (offer: Offer): offer is CompiledTool => offer.kind === 'tool';

/**
 * Compiles a tool declaration.
 *
 * @param inherited access declarations of the class
 * @param run runs the tool's method
 * @param findings receives the problems and warnings, addressed to the declaration's author
 */
export function compileTool(
  options: McpToolOptions,
  inherited: readonly AccessDeclaration[],
  run: MethodRunner,
  findings: Findings,
): CompiledTool {
  const { problems } = findings;
  const { name, description, output, organizationArgument } = options;
  const input = options.input && schemaOf(options.input);
  if (options.group !== undefined && !GROUP_NAME.test(options.group)) {
    problems.push(`its group "${options.group}" must be 1 to 64 of the characters A-Z a-z 0-9 _ . -`);
  }
  if (!description.trim()) problems.push('its description is empty, so a model cannot tell when to use it');
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
    recordable: recordableOf(options, inputSchema, problems),
    group: options.group,
    pinned: options.pinned ?? false,
    definition,
    legacyDefinition:
      published?.schema === published?.legacySchema ? definition : define(published?.legacySchema),
    organizationArgument,
    parameterHeaders: parameterHeadersOf(inputSchema, problems),
    validate: input ? validateWithoutNulls(input, inputSchema) : acceptNothing,
    validateOutput: output && ((value: unknown) => output['~standard'].validate(value)),
    run,
  });
}

const hasProperty = ({ properties }: Tool['inputSchema'], name: string): boolean =>
  properties !== undefined && Object.hasOwn(properties, name);

/** Validates arguments for an offer without arguments. Extra members are ignored, because some clients add their own. */
export const acceptNothing = (value: unknown): Validation =>
  isRecord(value) ? { value: {} } : { issues: [{ message: 'must be an object' }] };
