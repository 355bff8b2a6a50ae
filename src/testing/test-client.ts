import {
  Client,
  type CallToolResult,
  type GetPromptResult,
  LOG_LEVEL_META_KEY,
  type ProgressToken,
  type Prompt,
  type ReadResourceResult,
  type Resource,
  type ResourceTemplateType,
  StreamableHTTPClientTransport,
  type Tool,
} from '@modelcontextprotocol/client';

import { AnswerScript, type ClientAnswers } from './answer-script.js';
import { refusalIn, type RefusedError } from './refused-error.js';

export interface TestClientOptions extends ClientAnswers {
  /** `modern` for MCP 2026-07-28 (default), `legacy` for the 2025 revisions. */
  readonly era?: 'modern' | 'legacy';
  /** Further headers of each request, such as `Aerie-Tool-Groups`. */
  readonly headers?: Readonly<Record<string, string>>;
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

const ALL_LOGS = { [LOG_LEVEL_META_KEY]: 'debug' } as const;

/** Client of one caller, on the official SDK. It connects with the first request. */
export class TestClient {
  /** Log messages that tools have sent to the client. */
  readonly logs: { readonly level: string; readonly data: unknown }[] = [];
  #connected: Promise<Client> | undefined;
  #calls = 0;
  readonly #progress = new Map<ProgressToken, TestProgress[]>();
  readonly #script: AnswerScript;

  constructor(
    private readonly url: string,
    private readonly fetch: typeof globalThis.fetch,
    private readonly token: () => Promise<string>,
    private readonly options: TestClientOptions = {},
  ) {
    this.#script = new AnswerScript(options);
  }

  /** Questions that tools have asked. */
  get questions(): readonly string[] {
    return this.#script.questions;
  }

  /** @param signal cancels the call */
  async callTool(
    name: string,
    args: Record<string, unknown> = {},
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<TestCallResult> {
    const client = await this.sdk();
    const progressToken = `call-${++this.#calls}`;
    const progress: TestProgress[] = [];
    this.#progress.set(progressToken, progress);
    const result = await client.callTool(
      { name, arguments: args, _meta: { ...ALL_LOGS, progressToken } },
      signal && { signal },
    );
    const text = result.content.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('\n');
    return { ...result, text, progress };
  }

  async listTools(): Promise<Tool[]> {
    return (await (await this.sdk()).listTools()).tools;
  }

  async listResources(): Promise<Resource[]> {
    return (await (await this.sdk()).listResources()).resources;
  }

  async readResource(uri: string): Promise<ReadResourceResult> {
    return (await this.sdk()).readResource({ uri, _meta: ALL_LOGS });
  }

  async listResourceTemplates(): Promise<ResourceTemplateType[]> {
    return (await (await this.sdk()).listResourceTemplates()).resourceTemplates;
  }

  async listPrompts(): Promise<Prompt[]> {
    return (await (await this.sdk()).listPrompts()).prompts;
  }

  async getPrompt(name: string, args: Record<string, string> = {}): Promise<GetPromptResult> {
    return (await this.sdk()).getPrompt({ name, arguments: args, _meta: ALL_LOGS });
  }

  /** Returns the connected client of the official SDK, for everything else. */
  sdk(): Promise<Client> {
    return (this.#connected ??= this.#connect().catch((error: unknown) => {
      this.#connected = undefined; // the next request tries again
      throw error;
    }));
  }

  async close(): Promise<void> {
    const connected = this.#connected;
    this.#connected = undefined;
    await (await connected?.catch(() => undefined))?.close();
  }

  async #connect(): Promise<Client> {
    const client = new Client(
      { name: 'aerie-test', version: '1.0.0' },
      {
        versionNegotiation: { mode: this.options.era === 'legacy' ? 'legacy' : 'auto' },
        capabilities: this.#script.capabilities,
      },
    );
    client.setRequestHandler('elicitation/create', ({ params }) => this.#script.answer(params.message));
    const { sampling, roots } = this.#script.capabilities;
    if (sampling)
      client.setRequestHandler('sampling/createMessage', ({ params }) => this.#script.complete(params));
    if (roots) client.setRequestHandler('roots/list', () => this.#script.listRoots());
    client.setNotificationHandler('notifications/message', ({ params }) => {
      this.logs.push({ level: params.level, data: params.data });
    });
    // Not by the SDK's `onprogress`, which also hears of the client's own rounds of questions.
    client.setNotificationHandler('notifications/progress', ({ params: { progressToken, ...report } }) => {
      this.#progress.get(progressToken)?.push(report);
    });
    let refusal: RefusedError | undefined;
    const transport = new StreamableHTTPClientTransport(new URL(this.url), {
      fetch: async (input, init) => {
        const response = await this.fetch(input, init);
        refusal = await refusalIn(response);
        if (refusal) throw refusal;
        return response;
      },
      requestInit: { headers: { ...this.options.headers, authorization: `Bearer ${await this.token()}` } },
    });
    try {
      await client.connect(transport);
    } catch (error) {
      throw refusal ?? error; // the SDK hides the reason of a refused connection
    }
    return client;
  }
}
