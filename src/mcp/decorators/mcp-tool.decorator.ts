import type { CallToolResult, StandardSchemaWithJSON, ToolAnnotations } from '@modelcontextprotocol/server';
import type { Observable } from 'rxjs';

import type { CallContext } from '../context/call-context.js';
import { markOffer, type OfferOptions } from './offer-method.js';

const TOOL = Symbol('TOOL');

/**
 * A schema that validates values and describes itself as JSON Schema: zod ≥ 4.2, ArkType, Valibot with
 * `toStandardJsonSchema`, or a JSON Schema in `fromJsonSchema`.
 */
export type InputSchema = StandardSchemaWithJSON;

/** A rate as `parseRate` takes it. */
export type RateText = `${number}/${'s' | 'min' | 'h'}`;

/** What a tool is called and what it needs; everything that follows is derived from this one declaration. */
export interface McpToolOptions<
  Schema extends InputSchema | undefined = InputSchema | undefined,
  Output extends InputSchema | undefined = InputSchema | undefined,
> extends OfferOptions {
  /** Unique; 1 to 128 of `A-Z a-z 0-9 _ . -` (MCP specification, server/tools). */
  readonly name: string;
  /** For the model: what it does and when to use it. */
  readonly description: string;
  /** What its arguments must be; an object. Without it the tool takes none. */
  readonly input?: Schema;
  /** What its structured content is: the method's value is checked against it, and clients are told of it. */
  readonly output?: Output;
  /** An argument that may only name the caller's own organisation; a call that names another is refused. */
  readonly organizationArgument?: string;
  /** Hints about its behaviour (MCP specification, ToolAnnotations). */
  readonly annotations?: ToolAnnotations;
  /** How often each caller may call it, such as `10/min`; default `RATE_LIMIT_TOOL`. */
  readonly rateLimit?: RateText;
  /** How many calls one call counts as, in every limit; default 1. */
  readonly cost?: number;
}

/** What the schema yields, which is what the method takes. */
type InputOf<Schema> = Schema extends InputSchema
  ? StandardSchemaWithJSON.InferOutput<Schema>
  : Record<string, never>;

/** What the method gives: whatever it likes, or what the output schema takes. */
type OutputOf<Output> = Output extends InputSchema
  ? Eventually<StandardSchemaWithJSON.InferInput<Output> | WholeResult>
  : unknown;

type Eventually<Value> = Value | Promise<Value> | Observable<Value>;

/** A result as the specification has it, such as one that tells of a failure. */
type WholeResult = Pick<CallToolResult, 'content'> & Partial<CallToolResult>;

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
export function McpTool<
  const Schema extends InputSchema | undefined = undefined,
  const Output extends InputSchema | undefined = undefined,
>(options: McpToolOptions<Schema, Output> & { readonly organizationArgument?: keyof InputOf<Schema> }) {
  return <Method extends (input: InputOf<Schema>, context: CallContext) => OutputOf<Output>>(
    prototype: object,
    methodName: string | symbol,
    descriptor: TypedPropertyDescriptor<Method> | undefined, // of a property
  ): void => markOffer(TOOL, options, '@McpTool', prototype, methodName, descriptor?.value);
}

/** The declaration on a method, if it has one. */
export function toolOptionsOf(method: object): McpToolOptions | undefined {
  const options: McpToolOptions | undefined = Reflect.getMetadata(TOOL, method);
  return options;
}
