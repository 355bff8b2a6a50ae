import { AerieTest } from 'aerie-mcp/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { AppModule } from '../app.module.js';

describe('GreetingTools', () => {
  let aerie: AerieTest;
  beforeAll(async () => {
    aerie = await AerieTest.create({ imports: [AppModule] }).compile();
  });
  afterAll(() => aerie?.close());

  it('greets the caller', async () => {
    const alice = aerie.as({ subject: 'alice', scopes: ['greeting:read'] });
    const { text } = await alice.callTool('greet', { greeting: 'Hello' });
    expect(text).toBe('Hello, alice!');
  });

  it('requires the scope greeting:read', async () => {
    const bob = aerie.as({ subject: 'bob' });
    await expect(bob.callTool('greet', { greeting: 'Hello' })).rejects.toThrow('greeting:read');
  });
});
