import { setTimeout as delay } from 'node:timers/promises';

import { Injectable, Module } from '@nestjs/common';
import { z } from 'zod';

import { CallContext, fromJsonSchema, McpResource, McpTool } from '../../src/mcp/index.js';

/** Outcomes of the calls of `wait` in every server of the test file. */
export const waited: ('began' | 'cancelled' | 'ended')[] = [];
/** Functions that end the calls of `wait`. */
export const gate = { open: (): void => {}, closed: Promise.resolve() };
/** Time after which a released client is back, which waits a second first. */
const RETURN_MS = 2_000;
/** Number of runs of `ask_changing`, whose question changes in its second run. */
export const changing = { runs: 0 };
export function closeGate(): void {
  gate.closed = new Promise((resolve) => {
    gate.open = resolve;
  });
}

@Injectable()
class SessionTools {
  @McpTool({
    name: 'ask_name',
    scopes: 'authenticated',
    description: 'Asks for a name.',
    input: z.object({}),
  })
  async askName(_input: object, call: CallContext): Promise<string> {
    const answer = await call.elicit({ message: 'Your name?', schema: z.object({ name: z.string() }) });
    return answer.action === 'accept' ? `Hello, ${answer.content.name}.` : answer.action;
  }

  @McpTool({ name: 'ask_on_page', scopes: 'authenticated', description: 'Asks.', input: z.object({}) })
  async askOnPage(_input: object, call: CallContext): Promise<string> {
    return (await call.elicit({ message: 'Pay here', url: 'https://pay.example.com/42' })).action;
  }

  @McpTool({ name: 'ask_halfway', scopes: 'authenticated', description: 'Asks.', input: z.object({}) })
  async askHalfway(_input: object, call: CallContext): Promise<string> {
    await call.progress(1, 3);
    const { action } = await call.elicit({ message: 'Your name?', schema: z.object({ name: z.string() }) });
    await call.progress(2, 3);
    return action;
  }

  @McpTool({
    name: 'ask_changing',
    scopes: 'authenticated',
    description: 'Asks for a name, in other words from its second run on.',
    input: z.object({}),
  })
  async askChanging(_input: object, call: CallContext): Promise<string> {
    const message = ++changing.runs === 1 ? 'Your name?' : 'Which account do you want to delete?';
    const { action } = await call.elicit({ message, schema: z.object({ name: z.string() }), key: 'name' });
    return `${action} in run ${changing.runs}`;
  }

  @McpTool({
    name: 'ask_revised',
    scopes: 'authenticated',
    description: 'Changes its input and asks.',
    input: fromJsonSchema<{ title: string }>({ type: 'object', properties: { title: { type: 'string' } } }),
  })
  async askRevised(input: { title: string }, call: CallContext): Promise<string> {
    input.title += ', revised';
    const { action } = await call.elicit({ message: input.title, schema: z.object({ name: z.string() }) });
    return `${input.title} ${action}`;
  }

  @McpTool({
    name: 'write',
    scopes: 'authenticated',
    description: 'Has the client write.',
    input: z.object({}),
  })
  async write(_input: object, call: CallContext): Promise<string> {
    const { content } = await call.sample({
      messages: [{ role: 'user', content: { type: 'text', text: 'Write.' } }],
      maxTokens: 10,
    });
    return JSON.stringify(content);
  }

  @McpTool({ name: 'folders', scopes: 'authenticated', description: 'Asks for roots.', input: z.object({}) })
  async folders(_input: object, call: CallContext): Promise<string> {
    return (await call.listRoots()).map(({ uri }) => uri).join(' ');
  }

  @McpTool({
    name: 'report',
    scopes: 'authenticated',
    description: 'Tells how it goes.',
    input: z.object({}),
  })
  async report(_input: object, call: CallContext): Promise<string> {
    await call.log('debug', 'a detail');
    await call.log('warning', 'a warning');
    await call.progress(1, 2, 'half');
    await call.progress(2, 2, 'all');
    return 'reported';
  }

  @McpTool({
    name: 'wait',
    scopes: 'authenticated',
    description: 'Ends when it may, and tells of it in between.',
    input: z.object({ steps: z.number().default(0) }),
  })
  async wait({ steps }: { steps: number }, call: CallContext): Promise<string> {
    waited.push('began');
    for (let step = 1; step <= steps; step++) await call.progress(step, steps);
    await Promise.race([
      gate.closed,
      new Promise((resolve) => call.signal.addEventListener('abort', resolve, { once: true })),
    ]);
    for (let step = 1; step <= steps; step++) await call.progress(steps + step);
    waited.push(call.signal.aborted ? 'cancelled' : 'ended');
    return 'waited';
  }

  @McpTool({
    name: 'come_back',
    scopes: 'authenticated',
    description: 'Lets the client go and come back.',
    input: z.object({}),
  })
  async comeBack(_input: object, call: CallContext): Promise<string> {
    call.releaseConnection();
    await gate.closed;
    return 'welcome back';
  }

  @McpTool({
    name: 'come_back_twice',
    scopes: 'authenticated',
    description: 'Lets the client go, and again as soon as it is back.',
    input: z.object({}),
  })
  async comeBackTwice(_input: object, call: CallContext): Promise<string> {
    for (let time = 1; time <= 2; time++) {
      call.releaseConnection();
      await delay(RETURN_MS);
    }
    return 'welcome back';
  }
}

@Injectable()
class SessionResources {
  @McpResource({ uri: 'test://news', name: 'news', scopes: 'authenticated', description: 'For all.' })
  news(): string {
    return 'nothing new';
  }

  @McpResource({ uri: 'test://secret', name: 'secret', scopes: ['todo:read'], description: 'Not for all.' })
  secret(): string {
    return 'nothing';
  }
}

@Module({ providers: [SessionTools, SessionResources] })
export class SessionToolsModule {}
