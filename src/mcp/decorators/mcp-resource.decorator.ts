import type { Annotations, CacheHint, Resource } from '@modelcontextprotocol/server';

import type { CallContext } from '../context/call-context.js';
import { declareParameters, markOffer, type OfferOptions } from './offer-method.js';

const RESOURCE = Symbol('RESOURCE');

/** What a resource, or all that match a template, are called and need. */
export interface McpResourceOptions<
  Uri extends string = string,
  List extends string = string,
  Complete extends MethodNames = MethodNames,
> extends OfferOptions {
  /** The resource's URI, or a template of URIs such as `todo://{id}` (RFC 6570, level 3, without `{;…}`). */
  readonly uri: Uri;
  /** Unique; for programs, and for people where there is no title. */
  readonly name: string;
  readonly description?: string;
  /** Of the text or the bytes; default `text/plain`, for bytes `application/octet-stream`. */
  readonly mimeType?: string;
  /** Bytes, where that is known. */
  readonly size?: number;
  /** Hints about who it is for (MCP specification, Annotations). */
  readonly annotations?: Annotations;
  /** How long clients may keep what they read, and for whom; by default not at all. */
  readonly cache?: CacheHint;
  /** Of a template: the method of the same class that lists the resources there are for this caller. */
  readonly list?: List;
  /** Of a template: for each variable, the method of the same class that proposes values. */
  readonly complete?: Complete & Only<Complete, VariableOf<Uri>>;
}

/** Names of methods, by what they propose values for. */
export type MethodNames = Readonly<Record<string, string>>;

/** The names of the methods. */
export type MethodIn<Names extends MethodNames> = Names[keyof Names];

/** Allows no other members than these. */
export type Only<Given, Allowed extends PropertyKey> = Readonly<
  Partial<Record<Exclude<keyof Given, Allowed>, never>>
>;

/** The names of a template's variables. */
type VariableOf<Uri extends string> = string extends Uri
  ? string
  : RequiredIn<ExpressionOf<Uri>> | OptionalIn<ExpressionOf<Uri>>;

/** What is between the braces of a template. */
type ExpressionOf<Uri extends string> = Uri extends `${string}{${infer Expression}}${infer Rest}`
  ? Expression | ExpressionOf<Rest>
  : never;

/** Operators whose variables a URI may leave out. */
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

/** What a template's method takes: its variables, decoded. */
type Variables<Uri extends string> = string extends Uri
  ? Readonly<Record<string, string>>
  : Readonly<
      Record<RequiredIn<ExpressionOf<Uri>>, string> & Partial<Record<OptionalIn<ExpressionOf<Uri>>, string>>
    >;

/** What a template's list method gives for each resource. */
export type ListedResource = Omit<Resource, 'name'> & { readonly name?: string };

/** Proposes values for what a person has typed so far; `siblings` are what is already known of the others. */
export type CompleteMethod = (
  typed: { readonly value: string; readonly siblings: Readonly<Record<string, string>> },
  context: CallContext,
) => readonly string[] | Promise<readonly string[]>;

type ListMethod = (
  nothing: Record<string, never>,
  context: CallContext,
) => readonly ListedResource[] | Promise<readonly ListedResource[]>;

/**
 * Offers a method as a resource, or as all the resources that match a template.
 *
 * The method takes the template's variables and, if it wants, the {@link CallContext}. It returns text, bytes
 * (`Uint8Array`), whole contents (`{ contents: [...] }`), or any other value, which becomes JSON; nothing
 * (`undefined` or `null`) where there is no such resource.
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
    descriptor: TypedPropertyDescriptor<Method> | undefined, // of a property
  ): void => {
    markOffer(RESOURCE, options, '@McpResource', prototype, methodName, descriptor?.value);
    for (const name of helpersOf(options)) declareParameters(prototype, name);
  };
}

/** The methods of the same class that a declaration names. */
function helpersOf({ list, complete = {} }: McpResourceOptions): string[] {
  return [list, ...Object.values(complete)].filter((name) => name !== undefined);
}

/** The declaration on a method, if it has one. */
export function resourceOptionsOf(method: object): McpResourceOptions | undefined {
  const options: McpResourceOptions | undefined = Reflect.getMetadata(RESOURCE, method);
  return options;
}
