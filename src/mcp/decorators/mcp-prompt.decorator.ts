import type { StandardSchemaWithJSON } from '@modelcontextprotocol/server';

import type { CallContext } from '../context/call-context.js';
import type { CompleteMethod, MethodIn, MethodNames, Only } from './mcp-resource.decorator.js';
import type { Eventually, Input, InputSchema, ValueOf } from './mcp-tool.decorator.js';
import { declareParameters, markOffer, type NoArguments, type OfferOptions } from './offer-method.js';

const PROMPT = Symbol('PROMPT');

/** Options of a prompt. */
export interface McpPromptOptions<
  Schema extends Input | undefined = Input | undefined,
  Complete extends MethodNames = MethodNames,
> extends OfferOptions {
  /** Unique name; 1 to 128 characters from `A-Z a-z 0-9 _ . -`. */
  readonly name: string;
  /** Description for people who choose a prompt. */
  readonly description?: string;
  /** Schema or class of the arguments: an object of strings, the only type in the protocol. Default: no arguments. */
  readonly arguments?: Schema;
  /** Completion methods of the same class, by argument name. */
  readonly complete?: Complete & Only<Complete, ArgumentOf<Schema>>;
}

type ArgumentOf<Schema> = Schema extends InputSchema
  ? keyof StandardSchemaWithJSON.InferInput<Schema>
  : Schema extends Input
    ? keyof ValueOf<Schema>
    : never;

/** First parameter of a prompt's method. */
export type ArgumentsOf<Schema> = Schema extends Input ? ValueOf<Schema> : NoArguments;

/** Message of a prompt, as TypeScript infers it from a literal. The result is validated as a `PromptMessage`. */
interface WrittenMessage {
  readonly role: string;
  readonly content: object;
}

/** Return type of a prompt's method. */
export type PromptOutput = Eventually<
  | string
  | readonly WrittenMessage[]
  | { readonly description?: string | null | undefined; readonly messages: readonly WrittenMessage[] }
>;

/**
 * Offers a method as a prompt: messages that a person selects for a conversation.
 *
 * The method takes the validated arguments and optionally the {@link CallContext}. It returns a string, which becomes one
 * user message, an array of messages, or `{ description, messages }`.
 *
 * @example
 * ```ts
 * @McpPrompt({
 *   name: 'review',
 *   description: 'Reviews a piece of code.',
 *   arguments: z.object({ code: z.string() }),
 *   scopes: 'authenticated',
 * })
 * review({ code }: { code: string }) {
 *   return `Review this code:\n${code}`;
 * }
 * ```
 */
export function McpPrompt<
  const Schema extends Input | undefined = undefined,
  const Complete extends MethodNames = never,
>(options: McpPromptOptions<Schema, Complete>) {
  return <Method extends (input: ArgumentsOf<Schema>, context: CallContext) => PromptOutput>(
    prototype: Record<NoInfer<MethodIn<Complete>>, CompleteMethod>,
    methodName: string | symbol,
    descriptor: TypedPropertyDescriptor<Method> | undefined, // undefined on a property
  ): void => {
    markOffer(PROMPT, options, '@McpPrompt', prototype, methodName, descriptor?.value);
    for (const name of helpersOf(options)) declareParameters(prototype, name);
  };
}

/** Returns the completion methods that a declaration names. */
const helpersOf = (options: McpPromptOptions | undefined): string[] =>
  Object.values<string>({ ...options?.complete });

/** Returns the declaration of a method, if it has one. */
export function promptOptionsOf(method: object): McpPromptOptions | undefined {
  const options: McpPromptOptions | undefined = Reflect.getMetadata(PROMPT, method);
  return options;
}
