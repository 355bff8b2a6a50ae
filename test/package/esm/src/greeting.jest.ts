import 'reflect-metadata';

import { AerieTest, matchers } from 'aerie-mcp/testing';
import { afterAll, beforeAll, expect, it } from '@jest/globals';

import { GreetingTools } from './greeting.tools.js';
import './jest-matchers.js';

expect.extend(matchers);

let aerie: AerieTest;
beforeAll(async () => {
  aerie = await AerieTest.create({ providers: [GreetingTools] }).compile();
});
afterAll(() => aerie?.close());

it('greets the caller', async () => {
  const alice = aerie.as({ subject: 'alice', scopes: ['greet'] });
  const { text } = await alice.callTool('greet', { greeting: 'Hello' });
  expect(text).toBe('Hello, alice!');
});

it('requires the scope "greet"', async () => {
  const bob = aerie.as({ subject: 'bob' });
  await expect(bob.callTool('greet', { greeting: 'Hello' })).toRequireScopes('greet');
});
