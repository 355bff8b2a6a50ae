import 'reflect-metadata';

import { RouteParamtypes } from '@nestjs/common/internal';
import type { StandardSchemaWithJSON, ToolAnnotations } from '@modelcontextprotocol/server';

import type { AccessDeclaration } from '../../auth/access/access-rule.js';
import type { CallContext } from '../context/call-context.js';

const TOOL = Symbol('TOOL');

/** A schema that validates values and describes itself as JSON Schema: zod ≥ 4.2, Valibot, ArkType. */
export type InputSchema = StandardSchemaWithJSON;

/** A rate as `parseRate` takes it. */
export type RateText = `${number}/${'s' | 'min' | 'h'}`;

/** What a tool is called and what it needs; everything that follows is derived from this one declaration. */
export interface McpToolOptions<
  Schema extends InputSchema | undefined = InputSchema | undefined,
> extends AccessDeclaration {
  /** Unique; 1 to 128 of `A-Z a-z 0-9 _ . -` (MCP specification, server/tools). */
  readonly name: string;
  /** For people. */
  readonly title?: string;
  /** For the model: what it does and when to use it. */
  readonly description: string;
  /** What its arguments must be; an object. Without it the tool takes none. */
  readonly input?: Schema;
  /** An argument that may only name the caller's own organisation; a call that names another is refused. */
  readonly organizationArgument?: string;
  /** Hints about its behaviour (MCP specification, ToolAnnotations). */
  readonly annotations?: ToolAnnotations;
  /** Longest time that a call may take, milliseconds; default `TOOL_TIMEOUT`. */
  readonly timeout?: number;
  /** How often each caller may call it, such as `10/min`; default `RATE_LIMIT_TOOL`. */
  readonly rateLimit?: RateText;
  /** How many calls one call counts as, in every limit; default 1. */
  readonly cost?: number;
}

/** What the schema yields, which is what the method takes. */
type InputOf<Schema> = Schema extends InputSchema
  ? StandardSchemaWithJSON.InferOutput<Schema>
  : Record<string, never>;

/**
 * Offers a method as an MCP tool. Listing the class in a module's `providers` is all the registration.
 *
 * The method takes the validated input and, if it wants, the call's {@link CallContext}. It returns a string,
 * a plain value, or a whole result (`{ content }`, `{ structuredContent }`), or a promise of one.
 *
 * @example
 * ```ts
 * @McpTool({
 *   name: 'add',
 *   description: 'Adds two numbers.',
 *   input: z.object({ a: z.number(), b: z.number() }),
 *   scopes: 'authenticated',
 * })
 * add({ a, b }: { a: number; b: number }) {
 *   return a + b;
 * }
 * ```
 */
export function McpTool<const Schema extends InputSchema | undefined = undefined>(
  options: McpToolOptions<Schema> & { readonly organizationArgument?: keyof InputOf<Schema> },
) {
  return <Method extends (input: InputOf<Schema>, context: CallContext) => unknown>(
    prototype: object,
    methodName: string | symbol,
    descriptor: TypedPropertyDescriptor<Method>,
  ): void => {
    if (!descriptor.value || typeof prototype === 'function' || typeof methodName === 'symbol') {
      throw new TypeError(`@McpTool belongs on an ordinary method: "${options.name}" is not one.`);
    }
    Reflect.defineMetadata(TOOL, options, descriptor.value);
    // Tells NestJS's pipes that the first parameter is the caller's input, as a request body would be.
    Reflect.defineMetadata(
      TOOL_PARAMETERS,
      {
        [`${RouteParamtypes.BODY}:0`]: { index: 0, data: undefined, pipes: [] },
        [`${RouteParamtypes.REQUEST}:1`]: { index: 1, data: undefined, pipes: [] },
      },
      prototype.constructor,
      methodName,
    );
  };
}

/** Metadata key of a tool method's parameters, in the form that NestJS's `ExternalContextCreator` reads. */
export const TOOL_PARAMETERS = 'aerie:tool-parameters';

/** The declaration on a method, if it has one. */
export function toolOptionsOf(method: object): McpToolOptions | undefined {
  const options: McpToolOptions | undefined = Reflect.getMetadata(TOOL, method);
  return options;
}
