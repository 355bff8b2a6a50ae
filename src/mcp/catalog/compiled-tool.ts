import type { StandardSchemaV1, Tool } from '@modelcontextprotocol/server';

import { type AccessDeclaration, AccessRule } from '../../auth/access/access-rule.js';
import { NOTHING } from '../../auth/access/requirement.js';
import { deepFreeze } from '../../config/deep-freeze.js';
import { SCOPE_TOKEN } from '../../config/scope-token.js';
import { parseRate, type Rate } from '../../config/units.js';
import type { InputSchema, McpToolOptions } from '../decorators/mcp-tool.decorator.js';
import type { ToolRunner } from './tool-runner.js';

/** A tool as start-up leaves it: everything known that a request would otherwise have to work out. */
export interface CompiledTool {
  /** What `tools/list` shows. */
  readonly definition: Readonly<Tool>;
  /** Who may know of it and call it. */
  readonly access: AccessRule;
  /** The argument that may only name the caller's own organisation. */
  readonly organizationArgument: string | undefined;
  /** Longest time that a call may take, milliseconds; undefined: the configured one. */
  readonly timeout: number | undefined;
  /** How often each caller may call it; undefined: as configured for all. */
  readonly rate: Rate | undefined;
  /** How many calls one call counts as. */
  readonly cost: number;
  readonly validate: (input: unknown) => InputValidation | Promise<InputValidation>;
  readonly run: ToolRunner;
}

export type InputValidation = StandardSchemaV1.Result<unknown>;

const NAME = /^[A-Za-z0-9_.-]{1,128}$/;
const NO_ARGUMENTS = { type: 'object', additionalProperties: false } as const;

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
  run: ToolRunner,
  problems: string[],
): CompiledTool {
  const { name, title, description, input, annotations, organizationArgument, timeout, cost = 1 } = options;
  if (!NAME.test(name)) {
    problems.push(`its name "${name}" must be 1 to 128 of the characters A-Z a-z 0-9 _ . -`);
  }
  if (!description.trim()) problems.push('it has no description, so no model can tell what it is for');
  const inputSchema = input ? inputJsonSchema(input, problems) : NO_ARGUMENTS;
  if (organizationArgument !== undefined && !hasProperty(inputSchema, organizationArgument)) {
    problems.push(`its organizationArgument "${organizationArgument}" is not in its input`);
  }
  if (timeout !== undefined && !(timeout > 0 && timeout < 2 ** 31)) {
    problems.push(`its timeout ${timeout} is not a positive number of milliseconds`);
  }
  return Object.freeze({
    definition: deepFreeze({
      name,
      ...(title !== undefined && { title }),
      description,
      inputSchema,
      ...(annotations && { annotations }),
    }),
    access: toolAccess(options, inherited, problems),
    organizationArgument,
    timeout,
    rate: toolRate(options, problems),
    cost,
    validate: input ? (value: unknown) => input['~standard'].validate(value) : acceptNothing,
    run,
  });
}

function toolAccess(
  options: McpToolOptions,
  inherited: readonly AccessDeclaration[],
  problems: string[],
): AccessRule {
  const bound = options.organizationArgument === undefined ? [] : [{ organization: true }];
  const access = new AccessRule([...inherited, options, ...bound]);
  if (!access.isDeclared) {
    problems.push(
      "it does not say which scopes it needs; where any valid token will do, scopes: 'authenticated'",
    );
  }
  for (const scope of access.scopes.flat().filter((name) => !SCOPE_TOKEN.test(name))) {
    problems.push(`its scope "${scope}" is not a scope: no spaces, quotes or backslashes`);
  }
  for (const part of ['scopes', 'roles', 'permissions'] as const) {
    const needed = access[part];
    const isEmpty = needed.length === 0 || needed.some(({ length }) => length === 0);
    if (isEmpty && needed !== NOTHING) problems.push(`its ${part} name none`);
  }
  return access;
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

function inputJsonSchema(input: InputSchema, problems: string[]): Tool['inputSchema'] {
  try {
    const schema = input['~standard'].jsonSchema.input({ target: 'draft-2020-12' });
    if (JSON.stringify(schema).includes('"x-mcp-header"')) {
      problems.push('its input has an x-mcp-header, which this server does not check');
    }
    if (schema['type'] === undefined || schema['type'] === 'object') return { ...schema, type: 'object' };
    problems.push(
      `its input is of type ${JSON.stringify(schema['type'])}, but arguments are always an object`,
    );
  } catch (error) {
    problems.push(
      `its input cannot become JSON Schema: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  return NO_ARGUMENTS;
}

const hasProperty = ({ properties }: Tool['inputSchema'], name: string): boolean =>
  properties !== undefined && Object.hasOwn(properties, name);

function acceptNothing(value: unknown): InputValidation {
  const names = typeof value === 'object' && value !== null ? Object.keys(value) : ['arguments'];
  return names.length === 0
    ? { value: {} }
    : {
        issues: names
          .slice(0, 10)
          .map((name) => ({ message: 'This tool takes no arguments.', path: [name] })),
      };
}
