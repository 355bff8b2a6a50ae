import { Injectable } from '@nestjs/common';
import { z } from 'zod';

import { type CallContext, McpTool } from '../src/index.js';
import { AerieTest, createCallContext } from '../src/testing/index.js';

@Injectable()
class AskingTools {
  @McpTool({ name: 'ask', scopes: 'authenticated', description: 'Asks its client for everything it can.' })
  async ask(_input: object, context: CallContext): Promise<string> {
    const { elicitation, sampling, roots } = context.clientCapabilities;
    const answers: string[] = [];
    if (elicitation) {
      const schema = z.object({ sure: z.boolean() });
      answers.push((await context.elicit({ message: 'Sure?', schema })).action);
    }
    if (sampling) answers.push(await this.complete({}, context));
    if (roots) answers.push(await this.folders({}, context));
    return answers.join(' ');
  }

  @McpTool({ name: 'complete', scopes: 'authenticated', description: 'Asks the model of its client.' })
  async complete(_input: object, context: CallContext): Promise<string> {
    const messages = [{ role: 'user' as const, content: { type: 'text' as const, text: 'Summarize.' } }];
    const { content } = await context.sample({ messages, maxTokens: 10 });
    return 'text' in content ? content.text : '';
  }

  @McpTool({ name: 'folders', scopes: 'authenticated', description: 'Asks for the folders of its client.' })
  async folders(_input: object, context: CallContext): Promise<string> {
    return (await context.listRoots()).map(({ uri }) => uri).join(' ');
  }
}

const completion = (text: string) =>
  ({ role: 'assistant', model: 'test', content: { type: 'text', text } }) as const;

const roots = [{ uri: 'file:///work' }];
const answers = { action: 'accept', content: { sure: true } } as const;

describe('answers of clients of a test', () => {
  let aerie: AerieTest;
  beforeAll(async () => {
    aerie = await AerieTest.create(
      { providers: [AskingTools] },
      { variables: { MCP_SESSIONS: 'on' } },
    ).compile();
  });
  afterAll(() => aerie.close());

  it.each(['modern', 'legacy'] as const)('are those of its options in the %s era', async (era) => {
    const client = aerie.as({}, { era, answers, sampling: completion('Short.'), roots });
    expect((await client.callTool('ask')).text).toBe('accept Short. file:///work');
    const other = aerie.as({}, { era, sampling: ({ maxTokens }) => completion(`${maxTokens} tokens`) });
    expect((await other.callTool('ask')).text).toBe('decline 10 tokens');
  });

  it('are errors without the options', async () => {
    const client = aerie.as({});
    await expect(client.callTool('complete')).rejects.toThrow(/sampling/);
    await expect(client.callTool('folders')).rejects.toThrow(/roots/);
  });

  it('are the same for one handler alone', async () => {
    const tools = new AskingTools();
    const { context, questions } = createCallContext({ answers, sampling: completion('Short.'), roots });
    expect(await tools.ask({}, context)).toBe('accept Short. file:///work');
    expect(questions).toEqual(['Sure?']);
    const other = createCallContext({ sampling: ({ maxTokens }) => completion(`${maxTokens} tokens`) });
    expect(await tools.ask({}, other.context)).toBe('decline 10 tokens');
    const { context: without } = createCallContext();
    expect(await tools.ask({}, without)).toBe('decline');
    await expect(tools.complete({}, without)).rejects.toThrow('Set its completion as "sampling".');
    await expect(tools.folders({}, without)).rejects.toThrow('Set them as "roots".');
  });
});
