import type { CallToolResult, StandardSchemaWithJSON, ToolAnnotations } from '@modelcontextprotocol/server';
import type { Type } from '@nestjs/common';
import type { Observable } from 'rxjs';

import type { CallContext } from '../context/call-context.js';
import { markOffer, type NoArguments, type OfferOptions } from './offer-method.js';

const TOOL = Symbol('TOOL');

/**
 * Schema that validates values and can be converted to JSON Schema: zod ≥ 4.2, ArkType, Valibot with
 * `toStandardJsonSchema`, or a JSON Schema in `fromJsonSchema`.
 */
export type InputSchema = StandardSchemaWithJSON;

/** Input of a tool or a prompt: a schema, or a class with class-validator decorators. */
export type Input = InputSchema | Type<object>;

/** Value that a handler receives. */
export type ValueOf<Schema extends Input> = Schema extends InputSchema
  ? StandardSchemaWithJSON.InferOutput<Schema>
  : Schema extends Type<infer Dto>
    ? Dto
    : never;

/** Options of a tool. This declaration is the only source for schemas, access rules and limits. */
export interface McpToolOptions<
  Schema extends Input | undefined = Input | undefined,
  Output extends InputSchema | undefined = InputSchema | undefined,
> extends OfferOptions {
  /** Unique name; 1 to 128 characters from `A-Z a-z 0-9 _ . -` (MCP specification, server/tools). */
  readonly name: string;
  /** Description for the model: purpose of the tool and when to use it. */
  readonly description: string;
  /** Schema or class of the arguments, an object. Default: no arguments. */
  readonly input?: Schema;
  /** Schema of the structured content. The method's return value is validated, and clients receive the schema. */
  readonly output?: Output;
  /** Argument that may only contain the caller's organization id, before and after validation. */
  readonly organizationArgument?: string;
  /**
   * Group of the tool, such as `billing`; 1 to 64 characters from `A-Z a-z 0-9 _ . -`. Clients, the tool policy and
   * endpoints choose tools by their groups. Default: none.
   */
  readonly group?: string;
  /** Whether a list for clients that search tools shows the tool too. Default: false. */
  readonly pinned?: boolean;
  /** Hints about the tool's behavior (MCP specification, ToolAnnotations). */
  readonly annotations?: ToolAnnotations;
  /** Arguments that the audit trail records. Default: none, because arguments are personal. */
  readonly audit?: AuditOptions;
}

/** Declares what the audit trail records of a tool's arguments. */
export interface AuditOptions {
  /** Names of the arguments to record. */
  readonly record: readonly string[];
  /**
   * Returns what to record instead of these arguments. Members that the schema marks are already redacted. The arguments
   * are as the client sent them, so they may be invalid. If it throws, no argument is recorded, and the log says so.
   */
  readonly redact?: (recorded: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>;
}

/** Output type of the input schema: the method's first parameter. */
export type InputOf<Schema> = Schema extends Input ? ValueOf<Schema> : NoArguments;

/** Return type of the method: the input type of the output schema, or any type without an output schema. */
export type OutputOf<Output> = Output extends InputSchema
  ? Eventually<
      StandardSchemaWithJSON.InferInput<Output> | WholeResult<StandardSchemaWithJSON.InferInput<Output>>
    >
  : unknown;

/** Value, or a promise or an observable of it. */
export type Eventually<Value> = Value | Promise<Value> | Observable<Value>;

/** Complete result as defined by the specification, for example one with `isError`. */
type WholeResult<Structured> = Partial<CallToolResult> &
  (Pick<CallToolResult, 'content'> | { readonly structuredContent: Structured });

/**
 * Offers a method as an MCP tool. To register the tool, add its class to a module's `providers`.
 *
 * The method takes the validated input and optionally the {@link CallContext}. It returns a string, a plain value or a
 * complete result (`{ content }`, `{ structuredContent }`), or a promise of one of these.
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
  const Schema extends Input | undefined = undefined,
  const Output extends InputSchema | undefined = undefined,
>(options: McpToolOptions<Schema, Output> & { readonly organizationArgument?: keyof InputOf<Schema> }) {
  return <Method extends (input: InputOf<Schema>, context: CallContext) => OutputOf<Output>>(
    prototype: object,
    methodName: string | symbol,
    descriptor: TypedPropertyDescriptor<Method> | undefined, // undefined on a property
  ): void => markOffer(TOOL, options, '@McpTool', prototype, methodName, descriptor?.value);
}

/** Returns the declaration of a method, if it has one. */
export function toolOptionsOf(method: object): McpToolOptions | undefined {
  const options: McpToolOptions | undefined = Reflect.getMetadata(TOOL, method);
  return options;
}
