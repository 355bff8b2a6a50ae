import type { CallerView, FurtherScope, PageSettings } from '../page-settings.js';
import { isJson, type Json, listOf, readJson, textOf, textsOf } from './json.js';

const REVISION = '2026-07-28';

/** Tool in the caller's own list. */
export interface Tool {
  readonly name: string;
  readonly title: string | undefined;
  readonly description: string | undefined;
  readonly inputSchema: Json;
  /** Whether the page may call it: the tool declares that it changes nothing. */
  readonly isReadOnly: boolean;
}

/** Calls the endpoint with the token of a sign-in. The token is in the memory of this page only. */
export class Endpoint {
  readonly #settings: PageSettings;
  readonly #token: string;
  #lastId = 0;

  constructor(settings: PageSettings, token: string) {
    this.#settings = settings;
    this.#token = token;
  }

  async caller(): Promise<CallerView> {
    const response = await fetch(this.#settings.callerUrl, {
      headers: { Authorization: `Bearer ${this.#token}` },
    });
    const view = await readJson(response);
    if (!response.ok) throw new Error(refusalIn(view, response.status));
    return toCallerView(view);
  }

  async tools(): Promise<Tool[]> {
    const tools: Tool[] = [];
    for await (const page of this.#pages()) tools.push(...page);
    return tools;
  }

  /**
   * Calls a read-only tool.
   *
   * @throws {Error} when the server does not list the tool as read-only anymore, such as after an update
   */
  async call({ name }: Tool, args: Json): Promise<Json> {
    if (!(await this.#isReadOnly(name))) {
      throw new Error(`${name} is not a read-only tool anymore. Reload this page.`);
    }
    return this.#request('tools/call', { name, arguments: args }, { 'Mcp-Name': name });
  }

  async #isReadOnly(name: string): Promise<boolean> {
    for await (const page of this.#pages()) {
      const tool = page.find((one) => one.name === name);
      if (tool) return tool.isReadOnly;
    }
    return false;
  }

  async *#pages(): AsyncGenerator<Tool[]> {
    let cursor: string | undefined;
    do {
      const page = await this.#request('tools/list', cursor === undefined ? {} : { cursor });
      yield listOf(page, 'tools').map(toTool);
      cursor = textOf(page, 'nextCursor');
    } while (cursor !== undefined);
  }

  async #request(method: string, params: Json, headers: Record<string, string> = {}): Promise<Json> {
    this.#lastId += 1;
    const response = await fetch(this.#settings.endpoint, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${this.#token}`,
        'Content-Type': 'application/json',
        Accept: 'application/json',
        'MCP-Protocol-Version': REVISION,
        'Mcp-Method': method,
        'Aerie-Tool-Search': 'off', // people want to see their tools
        ...headers,
      },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: this.#lastId,
        method,
        params: { ...params, _meta: ENVELOPE },
      }),
    });
    const answer = await readJson(response);
    if (isJson(answer['result'])) return answer['result'];
    throw new Error(refusalIn(answer, response.status));
  }
}

const ENVELOPE = {
  'io.modelcontextprotocol/protocolVersion': REVISION,
  'io.modelcontextprotocol/clientInfo': { name: 'aerie-connect-page', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
};

function toCallerView(view: Json): CallerView {
  return {
    subject: textOf(view, 'subject') ?? '',
    organizationId: textOf(view, 'organizationId'),
    scopes: textsOf(view, 'scopes'),
    expiresAt: Number(view['expiresAt']),
    furtherScopes: listOf(view, 'furtherScopes').map(toFurtherScope),
  };
}

const toFurtherScope = (entry: Json): FurtherScope => ({
  scope: textOf(entry, 'scope') ?? '',
  tools: textsOf(entry, 'tools'),
});

function toTool(definition: Json): Tool {
  const annotations = isJson(definition['annotations']) ? definition['annotations'] : {};
  return {
    name: textOf(definition, 'name') ?? '',
    title: textOf(definition, 'title') ?? textOf(annotations, 'title'),
    description: textOf(definition, 'description'),
    inputSchema: isJson(definition['inputSchema']) ? definition['inputSchema'] : {},
    isReadOnly: annotations['readOnlyHint'] === true && annotations['destructiveHint'] !== true,
  };
}

/** Returns the reason of an OAuth error or a JSON-RPC error. */
function refusalIn(answer: Json, status: number): string {
  const { error } = answer;
  const message = isJson(error)
    ? textOf(error, 'message')
    : (textOf(answer, 'error_description') ?? textOf(answer, 'error'));
  return message ?? `The server answered with ${status}.`;
}
