import type { Aerie } from './aerie.js';
import { type ERAS, MODERN } from './rpc.js';

interface Listed {
  readonly name: string;
  readonly uri: string;
  readonly outputSchema?: object;
}

/** Union of the results of all methods that a test asks for. */
interface Result {
  readonly resources: Listed[];
  readonly resourceTemplates: Listed[];
  readonly tools: Listed[];
  readonly prompts: Listed[];
  readonly contents: { readonly text: string }[];
  readonly content: { readonly text: string }[];
  readonly messages: object[];
  readonly structuredContent?: object;
  readonly completion: { readonly values: string[] };
}

/** Response of the server, with the scopes that its challenge requests. */
export interface Reply {
  readonly status: number;
  readonly result: Result;
  readonly error: { readonly code: number; readonly message: string } | undefined;
  readonly asked: string | undefined;
}

/** Sends a request with a token of the given scopes. */
export type Ask = (method: string, params?: Record<string, unknown>, scope?: string) => Promise<Reply>;

/** Returns a function that sends requests in the way of an era. */
export function asking(aerie: () => Aerie, [era, send]: (typeof ERAS)[number]): Ask {
  return async (method, params = {}, scope = 'org:read') => {
    const server = aerie();
    const token = await server.token({ claims: { scope, scopes: undefined } });
    const uri = params['uri'];
    const headers: Record<string, string> =
      typeof uri === 'string' && era === MODERN ? { 'mcp-name': uri } : {};
    const response = await send(server.url, token, { method, params }, headers);
    const body = (await response.json()) as Reply;
    return {
      status: response.status,
      result: body.result,
      error: body.error,
      asked: /scope="([^"]*)"/.exec(response.headers.get('www-authenticate') ?? '')?.[1],
    };
  };
}
