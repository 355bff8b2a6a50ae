import { STATUS_CODES } from 'node:http';

import { HttpException } from '@nestjs/common';
import type { CallToolResult, ContentBlock } from '@modelcontextprotocol/server';

import { isObject } from '../../values/is-object.js';
import type { InjectedResponse } from './inject.js';
import { queryValue } from './query-value.js';
import type { RouteArgument } from './route-arguments.js';

/** Tool whose route has answered. */
export interface AnsweredTool {
  readonly name: string;
  readonly arguments: readonly RouteArgument[];
  /** Whether the tool declares an output. */
  readonly hasOutput: boolean;
  /** Method and path of the route, for errors. */
  readonly route: string;
}

/**
 * Converts a response to the result of a tool.
 *
 * @throws {HttpException} with the response's own message, when the status is 4xx
 * @throws {Error} when the status is 5xx; the caller reads a generic message
 */
export function toolResponse(response: InjectedResponse, tool: AnsweredTool): Partial<CallToolResult> {
  const { status } = response;
  requireSuccess(response, tool);
  requirePlain(response, tool);
  // Clients reject a result without the declared structured content unless it is an error.
  const missing = tool.hasOutput ? { isError: true } : {};
  if (status >= 300) return { content: [text(redirectText(response))], ...missing };
  if (response.body.length === 0) return { content: [text(`Done: ${nameOf(status)}.`)], ...missing };
  const pages = pagesIn(response, tool);
  const content = [...contentOf(response, tool), ...(pages === undefined ? [] : [text(pages)])];
  if (!tool.hasOutput) return { content };
  const structuredContent: unknown = isJson(response) ? jsonOf(response) : null;
  return { content, structuredContent };
}

const MAX_LOGGED = 500;

/**
 * @throws {HttpException} with the response's own message, when the status is 4xx
 * @throws {Error} when the status is 5xx; the caller reads a generic message
 */
export function requireSuccess(response: InjectedResponse, { route }: Pick<AnsweredTool, 'route'>): void {
  const { status } = response;
  if (status >= 500) {
    throw new Error(`${route} answered with ${status}: ${textOf(response).slice(0, MAX_LOGGED)}`);
  }
  if (status >= 400) throw new HttpException(errorBody(response), status);
}

/** Content for a body of any type. */
export function contentOf(response: InjectedResponse, { name }: Pick<AnsweredTool, 'name'>): ContentBlock[] {
  const { body } = response;
  const mimeType = mimeTypeOf(response);
  if (isJson(response) || mimeType === '' || mimeType.startsWith('text/')) return [text(textOf(response))];
  const data = body.toString('base64');
  if (mimeType.startsWith('image/')) return [{ type: 'image', data, mimeType }];
  if (mimeType.startsWith('audio/')) return [{ type: 'audio', data, mimeType }];
  const uri = `result://${name}/${encodeURIComponent(fileNameOf(response) ?? 'file')}`;
  return [{ type: 'resource', resource: { uri, mimeType, blob: data } }];
}

export const text = (value: string): ContentBlock => ({ type: 'text', text: value });

const UTF8 = new TextDecoder();

/** Decodes the body in its charset: UTF-8 if the response names none, or an unknown one. */
export function textOf(response: InjectedResponse): string {
  const charset = /;\s*charset="?([^\s;"]+)/i.exec(header(response, 'content-type') ?? '')?.[1];
  try {
    const decoder = charset === undefined || charset === 'utf-8' ? UTF8 : new TextDecoder(charset);
    return decoder.decode(response.body);
  } catch {
    return response.body.toString('utf8');
  }
}

/** @throws {Error} when the body is compressed, which the request does not accept */
export function requirePlain(response: InjectedResponse, { route }: Pick<AnsweredTool, 'route'>): void {
  const encoding = header(response, 'content-encoding') ?? 'identity';
  if (encoding === 'identity') return;
  throw new Error(
    `${route} answered with Content-Encoding: ${encoding}. Compress only what a request accepts.`,
  );
}

/** Status with its name, such as `204 No Content`. */
export const nameOf = (status: number): string => `${status} ${STATUS_CODES[status] ?? ''}`.trim();

/** Redirects are not followed: they may lead to another route, or out of the application. */
const redirectText = (response: InjectedResponse): string => {
  const location = header(response, 'location');
  return `${nameOf(response.status)}${location === undefined ? '' : `: ${location}`}`;
};

/** Body of an error: JSON or text, but not a page for people. */
export function errorBody(response: InjectedResponse): string | Record<string, unknown> {
  const { status, body } = response;
  const generic = { statusCode: status, message: nameOf(status) };
  if (body.length === 0 || mimeTypeOf(response) === 'text/html') return generic;
  if (!isJson(response)) return textOf(response);
  const value = jsonOf(response);
  if (typeof value === 'string') return value;
  return isObject(value) ? { ...value } : generic;
}

export function isJson(response: InjectedResponse): boolean {
  const mimeType = mimeTypeOf(response);
  return mimeType === 'application/json' || mimeType.endsWith('+json');
}

/** A number that may be too large for JavaScript, which reads it as Infinity. */
const MAY_OVERFLOW = /\de\+?\d{3}|\d{300}/i;

const nullIfInfinite = (_key: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isFinite(value) ? null : value;

/** Parses the body. Returns its text if that is not JSON. */
export function jsonOf(response: InjectedResponse): unknown {
  const body = textOf(response);
  try {
    return JSON.parse(body, MAY_OVERFLOW.test(body) ? nullIfInfinite : undefined);
  } catch {
    return body;
  }
}

/** The expression below takes quadratic time for a header that echoes many `<` of an argument. */
const MAX_LINK_LENGTH = 4_000;

/** Names the calls that get the pages of `Link` (RFC 8288), if their parameters are arguments of the tool. */
export function pagesIn(
  response: InjectedResponse,
  tool: Pick<AnsweredTool, 'name'> & { readonly arguments: readonly PageArgument[] },
): string | undefined {
  const link = header(response, 'link')?.slice(0, MAX_LINK_LENGTH);
  if (link === undefined) return undefined;
  const calls = [...link.matchAll(/<([^>]*)>[^,]*?;\s*rel="?(next|prev|first|last)"?/gi)].flatMap(
    ([, target = '', relation]) => {
      const given = argumentsIn(target, tool.arguments);
      return given === undefined ? [] : [`${relation}: ${JSON.stringify(given)}`];
    },
  );
  if (calls.length === 0) return undefined;
  return `Pages, as arguments to change in the next call of ${tool.name}: ${calls.join('; ')}`;
}

/** Argument that may choose a page. */
type PageArgument = Pick<RouteArgument, 'name' | 'key' | 'schema'> & {
  readonly place: string;
  readonly style?: { readonly explode: boolean };
};

/** Arguments in a query, without those that the tool would refuse. */
function argumentsIn(target: string, list: readonly PageArgument[]): Record<string, unknown> | undefined {
  const url = URL.parse(target, 'http://localhost');
  if (!url) return undefined;
  const given = list.flatMap(({ name, place, key, schema, style }): [string, unknown][] => {
    const texts = place === 'query' && key !== undefined ? url.searchParams.getAll(key) : [];
    const value = queryValue(schema, texts);
    // A list in one text has a separator of its own.
    const isJoined = Array.isArray(value) && style?.explode === false;
    return value === undefined || isJoined ? [] : [[name, value]];
  });
  return given.length === 0 ? undefined : Object.fromEntries(given);
}

const mimeTypeOf = (response: InjectedResponse): string =>
  (header(response, 'content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '';

const fileNameOf = (response: InjectedResponse): string | undefined =>
  /filename="?([^";]+)"?/i.exec(header(response, 'content-disposition') ?? '')?.[1];

function header({ headers }: InjectedResponse, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' || value === undefined ? value : [value].flat().join(', ');
}
