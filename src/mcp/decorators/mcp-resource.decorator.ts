import type { Annotations, CacheHint, Resource } from '@modelcontextprotocol/server';

import type { CallContext } from '../context/call-context.js';
import { declareParameters, markOffer, type NoArguments, type OfferOptions } from './offer-method.js';

const RESOURCE = Symbol('RESOURCE');

/** Options of a resource or a resource template. */
export interface McpResourceOptions<
  Uri extends string = string,
  List extends string = string,
  Complete extends MethodNames = MethodNames,
> extends OfferOptions {
  /** URI of the resource, or a URI template such as `todo://{id}` (RFC 6570, level 3, without `{;…}`). */
  readonly uri: Uri;
  /** Unique name for programs. People see it if there is no title. */
  readonly name: string;
  readonly description?: string;
  /** MIME type of the contents. Default: `text/plain` for text, `application/octet-stream` for bytes. */
  readonly mimeType?: string;
  /** Size in bytes, if known. */
  readonly size?: number;
  /** Hints about the audience and priority (MCP specification, Annotations). */
  readonly annotations?: Annotations;
  /**
   * Cache hint for the contents. Default: clients must not cache. `public` needs a resource that every valid token may
   * read.
   */
  readonly cache?: CacheHint;
  /** For a template: the method of the same class that lists the caller's resources. */
  readonly list?: List;
  /** For a template: completion methods of the same class, by variable name. */
  readonly complete?: Complete & Only<Complete, VariableOf<Uri>>;
}

/** Method names by argument or variable name. */
export type MethodNames = Readonly<Record<string, string>>;

/** Union of the method names. */
export type MethodIn<Names extends MethodNames> = Names[keyof Names];

/** Forbids members that are not allowed. */
export type Only<Given, Allowed extends PropertyKey> = Readonly<
  Partial<Record<Exclude<keyof Given, Allowed>, never>>
>;

/** Names of a template's variables. */
type VariableOf<Uri extends string> = string extends Uri
  ? string
  : RequiredIn<ExpressionOf<Uri>> | OptionalIn<ExpressionOf<Uri>>;

/** Expressions between the braces of a template. */
type ExpressionOf<Uri extends string> = Uri extends `${string}{${infer Expression}}${infer Rest}`
  ? Expression | ExpressionOf<Rest>
  : never;

/** Operators whose variables are optional. */
type OptionalOperator = '#' | '.' | '/' | '?' | '&';

type RequiredIn<Expression extends string> = Expression extends `${OptionalOperator}${string}`
  ? never
  : Expression extends `+${infer Names}`
    ? NameIn<Names>
    : NameIn<Expression>;

type OptionalIn<Expression extends string> = Expression extends `${OptionalOperator}${infer Names}`
  ? NameIn<Names>
  : never;

type NameIn<Names extends string> = Names extends `${infer First},${infer Others}`
  ? First | NameIn<Others>
  : Names;

/** First parameter of a template's method: its decoded variables. */
export type Variables<Uri extends string> = string extends Uri
  ? Readonly<Record<string, string>>
  : Readonly<
      Record<RequiredIn<ExpressionOf<Uri>>, string> & Partial<Record<OptionalIn<ExpressionOf<Uri>>, string>>
    >;

/** Entry that a template's list method returns for each resource. */
export type ListedResource = Omit<Resource, 'name'> & { readonly name?: string };

/** Proposes values for the text typed so far. `siblings` holds the known values of the other arguments or variables. */
export type CompleteMethod = (
  typed: { readonly value: string; readonly siblings: Readonly<Record<string, string>> },
  context: CallContext,
) => readonly string[] | Promise<readonly string[]>;

type ListMethod = (
  nothing: NoArguments,
  context: CallContext,
) => readonly ListedResource[] | Promise<readonly ListedResource[]>;

/**
 * Offers a method as a resource or a resource template.
 *
 * The method takes the template's variables and optionally the {@link CallContext}. It returns a string, bytes
 * (`Uint8Array`), complete contents (`{ contents: [...] }`), or any other value, which becomes JSON. It returns
 * `undefined` or `null` if the resource does not exist.
 *
 * @example
 * ```ts
 * @McpResource({ uri: 'report://{year}', name: 'report', scopes: ['report:read'], mimeType: 'text/markdown' })
 * report({ year }: { year: string }) {
 *   return `# Report of ${year}`;
 * }
 * ```
 */
export function McpResource<
  const Uri extends string,
  const List extends string = never,
  const Complete extends MethodNames = never,
>(options: McpResourceOptions<Uri, List, Complete>) {
  return <Method extends (variables: Variables<Uri>, context: CallContext) => unknown>(
    prototype: Record<NoInfer<List>, ListMethod> & Record<NoInfer<MethodIn<Complete>>, CompleteMethod>,
    methodName: string | symbol,
    descriptor: TypedPropertyDescriptor<Method> | undefined, // undefined on a property
  ): void => {
    markOffer(RESOURCE, options, '@McpResource', prototype, methodName, descriptor?.value);
    for (const name of helpersOf(options)) declareParameters(prototype, name);
  };
}

/** Returns the list and completion methods that a declaration names. */
function helpersOf(options: McpResourceOptions | undefined): string[] {
  return [options?.list, ...Object.values({ ...options?.complete })].filter((name) => name !== undefined);
}

/** Returns the declaration of a method, if it has one. */
export function resourceOptionsOf(method: object): McpResourceOptions | undefined {
  const options: McpResourceOptions | undefined = Reflect.getMetadata(RESOURCE, method);
  return options;
}
