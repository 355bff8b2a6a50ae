import {
  Client,
  type CallToolResult,
  type ElicitResult,
  type GetPromptResult,
  type Prompt,
  type ReadResourceResult,
  type Resource,
  StreamableHTTPClientTransport,
  type Tool,
} from '@modelcontextprotocol/client';

/** Answer of the person at the client to a question of a tool. */
export type ScriptedAnswer = ElicitResult | ((message: string) => ElicitResult);

export interface TestClientOptions {
  /** `modern` for MCP 2026-07-28 (default), `legacy` for the 2025 revisions. */
  readonly era?: 'modern' | 'legacy';
  /** Answers to the questions of tools, in their order; a single answer answers all. Default: every question is declined. */
  readonly answers?: ScriptedAnswer | readonly ScriptedAnswer[];
}

/** Thrown when the token of a client lacks scopes (RFC 6750 §3.1, `insufficient_scope`). */
export class MissingScopesError extends Error {
  override readonly name = 'MissingScopesError';

  /** @param scopes scopes of the challenge */
  constructor(readonly scopes: readonly string[]) {
    super(`The request requires the scopes "${scopes.join(' ')}".`);
  }
}

/** Progress of a call. */
export interface TestProgress {
  readonly progress: number;
  readonly total?: number | undefined;
  readonly message?: string | undefined;
}

/** Result of a tool call, with what the tool reported while it ran. */
export interface TestCallResult extends CallToolResult {
  /** Text of all text blocks, joined by line breaks. */
  readonly text: string;
  readonly progress: readonly TestProgress[];
}

/** Client of one caller, on the official SDK. It connects with the first request. */
export class TestClient {
  /** Questions that tools have asked. */
  readonly questions: string[] = [];
  /** Log messages that tools have sent to the client. */
  readonly logs: { readonly level: string; readonly data: unknown }[] = [];
  #connected: Promise<Client> | undefined;
  readonly #answers: ScriptedAnswer[];
  readonly #isScript: boolean;

  constructor(
    private readonly url: string,
    private readonly fetch: typeof globalThis.fetch,
    private readonly token: () => Promise<string>,
    private readonly options: TestClientOptions = {},
  ) {
    const { answers = { action: 'decline' } } = options;
    this.#isScript = Array.isArray(answers);
    this.#answers = [answers].flat();
  }

  /** @param signal cancels the call */
  async callTool(
    name: string,
    args: Record<string, unknown> = {},
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<TestCallResult> {
    const client = await this.#client();
    const progress: TestProgress[] = [];
    const result = await client.callTool(
      { name, arguments: args },
      { onprogress: (report) => void progress.push(report), ...(signal && { signal }) },
    );
    const text = result.content.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('\n');
    return { ...result, text, progress };
  }

  async listTools(): Promise<Tool[]> {
    return (await (await this.#client()).listTools()).tools;
  }

  async listResources(): Promise<Resource[]> {
    return (await (await this.#client()).listResources()).resources;
  }

  async readResource(uri: string): Promise<ReadResourceResult> {
    return (await this.#client()).readResource({ uri });
  }

  async listPrompts(): Promise<Prompt[]> {
    return (await (await this.#client()).listPrompts()).prompts;
  }

  async getPrompt(name: string, args: Record<string, string> = {}): Promise<GetPromptResult> {
    return (await this.#client()).getPrompt({ name, arguments: args });
  }

  async close(): Promise<void> {
    const client = await this.#connected?.catch(() => undefined); // a client that could not connect
    this.#connected = undefined;
    await client?.close();
  }

  #client(): Promise<Client> {
    return (this.#connected ??= this.#connect());
  }

  async #connect(): Promise<Client> {
    const client = new Client(
      { name: 'aerie-test', version: '1.0.0' },
      {
        versionNegotiation: { mode: this.options.era === 'legacy' ? 'legacy' : 'auto' },
        capabilities: { elicitation: { form: {}, url: {} } },
      },
    );
    client.setRequestHandler('elicitation/create', ({ params }) => this.#answer(params.message));
    client.setNotificationHandler('notifications/message', ({ params }) => {
      this.logs.push({ level: params.level, data: params.data });
    });
    const transport = new StreamableHTTPClientTransport(new URL(this.url), {
      fetch: async (input, init) => requireScopes(await this.fetch(input, init)),
      requestInit: { headers: { authorization: `Bearer ${await this.token()}` } },
    });
    await client.connect(transport);
    return client;
  }

  #answer(message: string): ElicitResult {
    this.questions.push(message);
    const answer = this.#isScript ? this.#answers.shift() : this.#answers[0];
    if (!answer)
      throw new Error(`The test has no answer to the question "${message}". Add one to "answers".`);
    return typeof answer === 'function' ? answer(message) : answer;
  }
}

/** @throws {MissingScopesError} for a challenge that asks for scopes */
function requireScopes(response: Response): Response {
  const challenge = response.status === 403 ? response.headers.get('www-authenticate') : undefined;
  if (!challenge?.includes('insufficient_scope')) return response;
  throw new MissingScopesError(/scope="([^"]*)"/.exec(challenge)?.[1]?.split(' ') ?? []);
}
