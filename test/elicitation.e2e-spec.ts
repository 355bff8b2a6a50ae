import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Injectable, Module } from '@nestjs/common';
import { IsNumber, IsPositive } from 'class-validator';
import { z } from 'zod';

import { type CallContext, fromDto, McpPrompt, McpResource, McpTool } from '../src/mcp/index.js';
import { DeployTools } from './examples/elicitation.js';
import { type Aerie, startAerie } from './support/aerie.js';
import { message, MODERN, post, postModern, toolCall } from './support/rpc.js';

let runs = 0;
/** Rows that `purge` would delete. */
let rows = 3;
/** Numbers of messages in the requests for completions that clients got. */
const sampled: number[] = [];

class Size {
  @IsNumber()
  @IsPositive()
  size!: number;
}

@Injectable()
class AskingTools {
  @McpTool({ name: 'twice', description: 'Asks twice.', scopes: 'authenticated' })
  async twice(_input: object, context: CallContext): Promise<string> {
    runs++;
    const name = await context.elicit({ message: 'Name?', schema: z.object({ name: z.string().min(1) }) });
    if (name.action !== 'accept') return `${name.action}d the name`;
    const size = await context.elicit({
      message: `How large, ${name.content.name}?`,
      schema: fromDto(Size),
    });
    return size.action === 'accept' ? `${name.content.name} ${size.content.size}` : size.action;
  }

  @McpTool({ name: 'purge', description: 'Deletes all rows.', scopes: 'authenticated' })
  async purge(_input: object, context: CallContext): Promise<string> {
    const count = rows;
    const schema = z.object({ sure: z.boolean() });
    const answer = await context.elicit({ message: `Delete ${count} rows?`, schema, key: 'sure' });
    return answer.action === 'accept' && answer.content.sure ? `deleted ${count}` : 'kept';
  }

  @McpTool({ name: 'together', description: 'Asks two things at once.', scopes: 'authenticated' })
  async together(_input: object, context: CallContext): Promise<string> {
    const schema = z.object({ answer: z.string() });
    const answers = await Promise.all([
      context.elicit({ message: 'First?', schema, key: 'first' }),
      context.elicit({ message: 'Second?', schema, key: 'second' }),
    ]);
    return answers.map((one) => (one.action === 'accept' ? one.content.answer : one.action)).join(' and ');
  }

  @McpTool({ name: 'page', description: 'Sends to a page.', scopes: 'authenticated' })
  async page(_input: object, context: CallContext): Promise<string> {
    return (await context.elicit({ message: 'Pay here', url: 'https://pay.example.com/42' })).action;
  }

  @McpTool({ name: 'swallow', description: 'Catches everything.', scopes: 'authenticated' })
  async swallow(_input: object, context: CallContext): Promise<string> {
    try {
      const answer = await context.elicit({ message: 'Sure?', schema: z.object({ sure: z.boolean() }) });
      return answer.action;
    } catch {
      return 'swallowed';
    }
  }

  @McpTool({
    name: 'echo_asked',
    description: 'Asks about its input.',
    input: z.object({ text: z.string(), more: z.record(z.string(), z.number()).optional() }),
    scopes: 'authenticated',
  })
  async echo({ text }: { text: string }, context: CallContext): Promise<string> {
    const answer = await context.elicit({ message: text, schema: z.object({ ok: z.boolean() }) });
    return `${text} ${answer.action}`;
  }

  @McpTool({ name: 'model', description: 'Has the model write.', scopes: 'authenticated' })
  async model(_input: object, context: CallContext): Promise<unknown> {
    const { content } = await context.sample({
      messages: [{ role: 'user', content: { type: 'text', text: 'Write.' } }],
      maxTokens: 10,
    });
    return content;
  }

  @McpTool({ name: 'roots', description: 'Asks for the folders.', scopes: 'authenticated' })
  async roots(_input: object, context: CallContext): Promise<string> {
    return (await context.listRoots()).map(({ uri }) => uri).join(' ');
  }

  @McpTool({
    name: 'revise',
    description: 'Changes its input and the first answer, and asks.',
    input: z.object({ document: z.any() }),
    scopes: 'authenticated',
  })
  async revise({ document }: { document: { title: string } }, context: CallContext): Promise<string> {
    document.title += ', revised';
    const { content } = await context.sample({
      messages: [{ role: 'user', content: { type: 'text', text: document.title } }],
      maxTokens: 10,
    });
    const written = JSON.stringify(content);
    Object.assign(content, { text: 'changed' });
    const answer = await context.elicit({ message: 'Sure?', schema: z.object({ sure: z.boolean() }) });
    return `${document.title}: ${written} ${answer.action}`;
  }

  @McpTool({ name: 'grow', description: 'Changes a question after asking it.', scopes: 'authenticated' })
  async grow(_input: object, context: CallContext): Promise<string> {
    const messages = [{ role: 'user' as const, content: { type: 'text' as const, text: 'Write.' } }];
    const first = context.sample({ messages, maxTokens: 5 });
    messages.push({ role: 'user', content: { type: 'text', text: 'Write more.' } });
    const answers = await Promise.all([first, context.sample({ messages, maxTokens: 5 })]);
    return `${answers.length} answers`;
  }

  @McpPrompt({ name: 'asked', scopes: 'authenticated' })
  async asked(_input: object, context: CallContext): Promise<string> {
    const answer = await context.elicit({ message: 'Topic?', schema: z.object({ topic: z.string() }) });
    return answer.action === 'accept' ? `About ${answer.content.topic}` : 'About nothing';
  }
}

/** Lists and completes only what the user names. */
@Injectable()
class AskingResources {
  @McpResource({
    name: 'asked_notes',
    uri: 'asked-notes://{id}',
    scopes: 'authenticated',
    list: 'ask',
    complete: { id: 'ask' },
  })
  @McpPrompt({
    name: 'asked_note',
    scopes: 'authenticated',
    arguments: z.object({ id: z.string() }),
    complete: { id: 'ask' },
  })
  async ask(_input: object, context: CallContext): Promise<never[]> {
    await context.elicit({ message: 'Folder?', schema: z.object({ folder: z.string() }) });
    return [];
  }

  @McpResource({ name: 'notes', uri: 'notes://{id}', scopes: 'authenticated', list: 'notes' })
  notes(): { uri: string }[] {
    return [{ uri: 'notes://1' }];
  }
}

@Module({ providers: [DeployTools, AskingTools, AskingResources] })
class Tools {}

type Answers = (question: string) => {
  action: 'accept' | 'decline' | 'cancel';
  content?: Record<string, string | number | boolean>;
};

const accepted = (content: Record<string, string | number | boolean>): ReturnType<Answers> => ({
  action: 'accept',
  content,
});

describe('asking the client', () => {
  let aerie: Aerie;
  beforeAll(async () => {
    aerie = await startAerie({ modules: [Tools] });
  });
  afterAll(() => aerie.close());

  /** Official client whose user gives these answers. */
  async function connected(answer: Answers, user = 'alice'): Promise<Client> {
    const client = new Client(
      { name: 'asked', version: '1.0.0' },
      {
        versionNegotiation: { mode: 'auto' },
        capabilities: { elicitation: { form: {}, url: {} }, sampling: {}, roots: {} },
      },
    );
    client.setRequestHandler('elicitation/create', ({ params }) => answer(params.message));
    client.setRequestHandler('sampling/createMessage', ({ params }) => {
      sampled.push(params.messages.length);
      return { role: 'assistant', model: 'test', content: { type: 'text', text: 'Written.' } };
    });
    client.setRequestHandler('roots/list', () => ({ roots: [{ uri: 'file:///work' }] }));
    const headers = { authorization: `Bearer ${await aerie.token({ user })}` };
    await client.connect(new StreamableHTTPClientTransport(new URL(aerie.url), { requestInit: { headers } }));
    return client;
  }

  async function asked(name: string, answer: Answers, args: Record<string, unknown> = {}): Promise<string> {
    const client = await connected(answer);
    try {
      const { content } = await client.callTool({ name, arguments: args });
      const [block] = content;
      return block?.type === 'text' ? block.text : JSON.stringify(content);
    } finally {
      await client.close();
    }
  }

  it.each([
    ['agrees', { action: 'accept', content: { sure: true } }, 'Deployed to production.'],
    ['thinks better of it', { action: 'accept', content: { sure: false } }, 'Nothing was deployed.'],
    ['declines', { action: 'decline' }, 'Nothing was deployed.'],
    ['goes away', { action: 'cancel' }, 'Nothing was deployed.'],
  ] as const)('ends right if the person %s', async (_what, answer, text) => {
    expect(await asked('deploy', () => ({ ...answer }), { environment: 'production' })).toBe(text);
  });

  it('asks several questions in sequence, and runs the handler from the beginning each time', async () => {
    runs = 0;
    const questions: string[] = [];
    const text = await asked('twice', (question) => {
      questions.push(question);
      if (question === 'Name?') return accepted({ name: 'Ada' });
      return accepted({ size: 3 });
    });
    expect(text).toBe('Ada 3');
    expect(questions).toEqual(['Name?', 'How large, Ada?']);
    expect(runs).toBe(3);
  });

  it('asks again after an invalid answer, and names the problems', async () => {
    const questions: string[] = [];
    const text = await asked('twice', (question) => {
      if (!question.startsWith('Name?')) return accepted({ size: 3 });
      questions.push(question);
      return accepted({ name: questions.length < 3 ? '' : 'Ada' });
    });
    expect(text).toBe('Ada 3');
    const again = expect.stringMatching(/^Name\?\n\nThe last answer was invalid:\n- name: \w/);
    expect(questions).toEqual(['Name?', again, again]);
  });

  it('asks a changed question again, and discards the answer to the old one', async () => {
    rows = 3;
    const questions: string[] = [];
    const text = await asked('purge', (question) => {
      questions.push(question);
      rows = 3000;
      return accepted({ sure: true });
    });
    expect(questions).toEqual(['Delete 3 rows?', 'Delete 3000 rows?']);
    expect(text).toBe('deleted 3000');
  });

  it('sends concurrent questions together', async () => {
    expect(await asked('together', (question) => ({ action: 'accept', content: { answer: question } }))).toBe(
      'First? and Second?',
    );
  });

  it('sends the user to a URL', async () => {
    expect(await asked('page', () => ({ action: 'accept' }))).toBe('accept');
  });

  it('asks the question even if the handler catches every error', async () => {
    expect(await asked('swallow', () => ({ action: 'accept', content: { sure: true } }))).toBe('accept');
  });

  it('requests a completion and the roots from the client', async () => {
    expect(await asked('model', () => ({ action: 'cancel' }))).toContain('Written.');
    expect(await asked('roots', () => ({ action: 'cancel' }))).toBe('file:///work');
  });

  it('repeats the call as sent, if the handler changes its input and answers', async () => {
    const document = { title: 'Draft' };
    expect(await asked('revise', () => ({ action: 'accept', content: { sure: true } }), { document })).toBe(
      `Draft, revised: ${JSON.stringify({ type: 'text', text: 'Written.' })} accept`,
    );
  });

  it('sends each question as it was asked, if the handler changes it afterwards', async () => {
    sampled.length = 0;
    expect(await asked('grow', () => ({ action: 'cancel' }))).toBe('2 answers');
    expect(sampled).toEqual([1, 2]);
  });

  it('asks questions in prompts too', async () => {
    const client = await connected(() => ({ action: 'accept', content: { topic: 'birds' } }));
    const { messages } = await client.getPrompt({ name: 'asked' });
    expect(messages[0]?.content).toEqual({ type: 'text', text: 'About birds' });
    await client.close();
  });

  describe('the state of a call between its rounds', () => {
    interface Round {
      readonly status: number;
      readonly resultType?: string;
      readonly requestState?: string;
      readonly inputRequests?: Record<string, unknown>;
      readonly code?: number;
      readonly text?: string;
    }
    async function round(
      { name, args = {}, user = 'alice' }: { name: string; args?: object; user?: string },
      more: object = {},
      capabilities: object = { elicitation: {} },
    ): Promise<Round> {
      const params = {
        name,
        arguments: args,
        ...more,
        _meta: {
          'io.modelcontextprotocol/protocolVersion': MODERN,
          'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
          'io.modelcontextprotocol/clientCapabilities': capabilities,
        },
      };
      const response = await post(
        aerie.url,
        await aerie.token({ user }),
        message({ method: 'tools/call', params }),
        { 'mcp-protocol-version': MODERN, 'mcp-method': 'tools/call', 'mcp-name': name },
      );
      const { result, error } = (await response.json()) as {
        result?: { resultType?: string; requestState?: string; content?: { text: string }[] };
        error?: { code: number };
      };
      return {
        status: response.status,
        ...result,
        ...(error && { code: error.code }),
        ...(result?.content && { text: result.content[0]?.text }),
      };
    }
    const accept = (content: object): object => ({ action: 'accept', content });
    const call = { name: 'echo_asked', args: { text: 'this' } };

    it('is optional for a single question: the client repeats the call', async () => {
      const first = await round(call);
      expect(first).toMatchObject({ resultType: 'input_required' });
      expect(Object.keys(first.inputRequests ?? {})).toEqual(['input-1']);
      const second = await round(call, {
        inputResponses: { 'input-1': accept({ ok: true }), other: accept({}) },
        requestState: first.requestState,
      });
      expect(second).toMatchObject({ resultType: 'complete', text: 'this accept' });
    });

    it.each([
      ['tampered with', (state: string) => `${state.slice(0, -3)}AAA`],
      ['of another making', () => 'v1.e30.AAAA'],
    ])('is refused when it is %s', async (_what, change) => {
      const { requestState = '' } = await round(call);
      const inputResponses = { 'input-1': accept({ ok: true }) };
      expect(await round(call, { inputResponses, requestState: change(requestState) })).toMatchObject({
        code: -32602,
      });
    });

    it.each([
      ['another caller', { ...call, user: 'bob' }],
      ['another tool', { name: 'twice' }],
      ['other arguments', { ...call, args: { text: 'that' } }],
    ])('is refused from %s', async (_what, other) => {
      const { requestState } = await round(call);
      const inputResponses = { 'input-1': accept({ ok: true }) };
      expect(await round(other, { inputResponses, requestState })).toMatchObject({ code: -32602 });
    });

    it('keeps the answer to an unchanged question, and asks the changed one', async () => {
      const purge = { name: 'purge' };
      const inputResponses = { sure: accept({ sure: true }) };
      rows = 3;
      const first = await round(purge);
      rows = 3000;
      const second = await round(purge, { inputResponses, requestState: first.requestState });
      expect(second).toMatchObject({
        resultType: 'input_required',
        inputRequests: { sure: { params: { message: 'Delete 3000 rows?' } } },
      });
      expect(await round(purge, { inputResponses, requestState: second.requestState })).toMatchObject({
        text: 'deleted 3000',
      });
    });

    it('ignores an answer to a question that was never asked', async () => {
      rows = 3;
      const inputResponses = { sure: accept({ sure: true }), 'input-2': accept({ size: 3 }) };
      expect(await round({ name: 'purge' }, { inputResponses })).toMatchObject({
        resultType: 'input_required',
      });
      const first = await round({ name: 'twice' });
      const second = await round(
        { name: 'twice' },
        {
          inputResponses: { ...inputResponses, 'input-1': accept({ name: 'Ada' }) },
          requestState: first.requestState,
        },
      );
      expect(Object.keys(second.inputRequests ?? {})).toEqual(['input-2']);
    });

    it('does not depend on the order of the arguments', async () => {
      const first = await round({ name: 'echo_asked', args: { text: 'this', more: { a: 1, b: 2 } } });
      const again = await round(
        { name: 'echo_asked', args: { more: { b: 2, a: 1 }, text: 'this' } },
        { inputResponses: { 'input-1': accept({ ok: true }) }, requestState: first.requestState },
      );
      expect(again).toMatchObject({ text: 'this accept' });
    });

    it.each([
      ['roots', { roots: {} }, { roots: [null, { uri: 5 }] }, { roots: [{ uri: 'file:///work' }] }],
      [
        'model',
        { sampling: {} },
        { role: 'x', content: 7 },
        { role: 'assistant', model: 'test', content: { type: 'text', text: 'Written.' } },
      ],
    ])('asks again for %s after an answer of another shape', async (name, capabilities, invalid, valid) => {
      const first = await round({ name }, {}, capabilities);
      const answered = (response: object): Promise<Round> =>
        round(
          { name },
          { inputResponses: { 'input-1': response }, requestState: first.requestState },
          capabilities,
        );
      expect(await answered(invalid)).toMatchObject({ resultType: 'input_required' });
      expect(await answered(valid)).toMatchObject({ resultType: 'complete' });
    });

    it('sends no request that the client does not support', async () => {
      expect(await round(call, {}, {})).toMatchObject({ status: 400, code: -32021 });
    });
  });

  it('leaves a template out of the list, and completes nothing, if it asks what the client cannot answer', async () => {
    const list = await postModern(aerie.url, await aerie.token(), { method: 'resources/list' });
    expect(await list.json()).toMatchObject({ result: { resources: [{ uri: 'notes://1' }] } });
    for (const ref of [
      { type: 'ref/resource', uri: 'asked-notes://{id}' },
      { type: 'ref/prompt', name: 'asked_note' },
    ]) {
      const completed = await postModern(aerie.url, await aerie.token(), {
        method: 'completion/complete',
        params: { ref, argument: { name: 'id', value: '' } },
      });
      expect(await completed.json()).toMatchObject({ result: { completion: { values: [] } } });
    }
  });

  it('returns an error without a channel to the client', async () => {
    const response = await post(
      aerie.url,
      await aerie.token(),
      message(toolCall('deploy', { environment: 'production' })),
    );
    const { result } = (await response.json()) as {
      result: { isError: boolean; content: { text: string }[] };
    };
    expect(result.isError).toBe(true);
    expect(result.content[0]?.text).toBe(
      'This tool must ask the user, which this connection does not support. ' +
        'Use an MCP 2026-07-28 client, or set MCP_SESSIONS=on.',
    );
  });
});

it('continues calls of other instances with the same REQUEST_STATE_SECRET', async () => {
  const REQUEST_STATE_SECRET = 'a-secret-of-the-test-that-is-long-enough';
  const one = await startAerie({ modules: [Tools], environment: { REQUEST_STATE_SECRET } });
  const other = await startAerie({
    modules: [Tools],
    environment: {
      REQUEST_STATE_SECRET,
      SK_ENV_URL: one.issuer.url,
      RESOURCE_URL: one.url,
      MCP_PATH: '/mcp',
    },
  });
  try {
    const token = await one.token();
    const ask = async (url: string, more: object): Promise<{ result: Record<string, unknown> }> => {
      const params = {
        name: 'twice',
        arguments: {},
        ...more,
        _meta: {
          'io.modelcontextprotocol/protocolVersion': MODERN,
          'io.modelcontextprotocol/clientCapabilities': { elicitation: {} },
        },
      };
      const headers = { 'mcp-protocol-version': MODERN, 'mcp-method': 'tools/call', 'mcp-name': 'twice' };
      const response = await post(url, token, message({ method: 'tools/call', params }), headers);
      return (await response.json()) as { result: Record<string, unknown> };
    };
    const first = await ask(one.url, {});
    const second = await ask(other.url, {
      inputResponses: { 'input-1': { action: 'accept', content: { name: 'Ada' } } },
      requestState: first.result['requestState'],
    });
    expect(Object.keys(second.result['inputRequests'] ?? {})).toEqual(['input-2']);
    const third = await ask(one.url, {
      inputResponses: { 'input-2': { action: 'accept', content: { size: 3 } } },
      requestState: second.result['requestState'],
    });
    expect(third.result['content']).toEqual([{ type: 'text', text: 'Ada 3' }]);
  } finally {
    await one.close();
    await other.close();
  }
});
