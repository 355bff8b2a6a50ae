import type { Principal } from '../../auth/principal.js';
import { ToolError } from '../../tool-error.js';
import { invalid } from '../controllers/invalid-argument.js';
import { headerValue, requireExactNumbers } from '../controllers/tool-request.js';
import type { ApiArgument, ApiArguments } from './arguments.js';
import { encodeBody } from './body.js';
import { requireBounds } from './digits.js';
import { type Operation, PLACEHOLDER } from './operations.js';
import { cookieText, headerText, pathText, queryPairs } from './styles.js';
import type { SentCredentials } from './security.js';
import type { UpstreamRequest } from './upstream-client.js';
import { withoutSlash } from '../../values/without-slash.js';

type Given = { readonly name: string; readonly value: unknown };

/** Makes the request of a call. */
export type MakeRequest = (
  input: Readonly<Record<string, unknown>>,
  principal: Principal,
  credentials: SentCredentials,
) => Promise<UpstreamRequest>;

/** Creates a function that turns arguments into requests of an operation. */
export function apiRequestFactory(
  { method, template }: Operation,
  { list, body, names }: ApiArguments,
  baseUrl: URL,
  agent: string,
): MakeRequest {
  const at = (place: ApiArgument['place']): ApiArgument[] => list.filter((one) => one.place === place);
  const [inPath, inQuery, inHeaders, inCookies, inBody] = [
    at('path'),
    at('query'),
    at('header'),
    at('cookie'),
    at('body'),
  ];
  const prefix = withoutSlash(baseUrl.pathname);
  return async (input, principal, credentials) => {
    requireExactNumbers(input);
    for (const { name, schema, fixed } of list) if (!fixed) requireBounds(name, schema, input[name]);
    const given = (argument: ApiArgument): Given | undefined =>
      valueOf(argument, input, principal, keepsNull(argument, body));
    const path = template.replaceAll(PLACEHOLDER, (_text, key: string) => {
      const argument = inPath.find((one) => one.key === key);
      const found = argument && given(argument);
      if (!argument || !found) throw invalid(key, 'is missing');
      return pathText(found.name, key, found.value, argument.style);
    });
    const pairs = inQuery.flatMap((argument) => {
      const found = given(argument);
      return found ? queryPairs(found.name, argument.key ?? '', found.value, argument.style, names) : [];
    });
    const cookies = inCookies.flatMap((argument) => {
      const found = given(argument);
      return found ? [cookieText(found.name, argument.key ?? '', found.value, argument.style)] : [];
    });
    const headers = inHeaders.flatMap((argument): [string, string][] => {
      const found = given(argument);
      if (!found) return [];
      const key = (argument.key ?? '').toLowerCase();
      return [[key, headerValue(found.name, key, headerText(found.name, found.value, argument.style))]];
    });
    const sent = new Map(
      inBody.flatMap((argument) => {
        const found = given(argument);
        return found ? [[argument.key, found] as const] : [];
      }),
    );
    const encoded = body && (await encodeBody(body, sent, names));
    const query = [...pairs, ...credentials.query].join('&');
    const allCookies = [...cookies, ...credentials.cookies].join('; ');
    return {
      method,
      url: urlOf(baseUrl, `${prefix}${path}`, query),
      headers: {
        accept: 'application/json, text/plain;q=0.9, */*;q=0.8',
        'accept-encoding': 'identity',
        'user-agent': agent,
        ...Object.fromEntries(headers),
        ...(encoded && { 'content-type': encoded.contentType }),
        ...(allCookies !== '' && { cookie: allCookies }),
        ...credentials.headers,
      },
      body: encoded?.bytes,
      secrets: credentials.secrets,
    };
  };
}

/** Whether null can be sent, or, as a part of the path, is an error. Elsewhere it means that there is no value. */
function keepsNull({ place, style }: ApiArgument, body: ApiArguments['body']): boolean {
  if (place === 'body') return body?.kind === 'json';
  return place === 'path' || style.name === 'json';
}

/**
 * Returns the value of an argument; undefined if there is none.
 *
 * @throws {ToolError} when the caller has no value that is always sent
 */
function valueOf(
  { name, key = 'body', fixed }: ApiArgument,
  input: Readonly<Record<string, unknown>>,
  principal: Principal,
  hasNull: boolean,
): Given | undefined {
  if (!fixed) {
    const isGiven = Object.hasOwn(input, name) && (hasNull || input[name] !== null);
    return isGiven ? { name, value: input[name] } : undefined;
  }
  const value = fixed(principal);
  // Without a tenant, for example, an API may answer for all of them.
  if (value === undefined) {
    throw new ToolError(
      `This tool always sends "${key}", and you have no value for it. Ask its administrator.`,
    );
  }
  return { name: key, value };
}

/** Checks the final URL once more, whatever its parts are: nothing in it may lead to another path. */
function urlOf(baseUrl: URL, path: string, query: string): URL {
  const url = new URL(`${baseUrl.origin}${path}${query === '' ? '' : `?${query}`}`);
  if (url.origin !== baseUrl.origin || url.pathname !== path) throw invalid('path', 'leads out of the API');
  return url;
}
