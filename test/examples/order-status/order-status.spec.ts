import { AerieTest } from '../../../src/testing/index.js';
import { OrderStatusTools } from './order-status.tools.js';

describe('order_status', () => {
  let aerie: AerieTest;
  beforeAll(async () => {
    aerie = await AerieTest.create({ providers: [OrderStatusTools] }).compile();
  });
  afterAll(() => aerie?.close());

  it("finds an order of the caller's organization only", async () => {
    const alice = aerie.as({ subject: 'alice', organization: 'org_acme', scopes: ['order:read'] });
    expect((await alice.callTool('order_status', { id: 'A-7' })).text).toBe('Order A-7 is shipped.');
    expect((await alice.callTool('order_status', { id: 'G-9' })).text).toBe('There is no order G-9.');
  });

  it('requires the scope order:read', async () => {
    const bob = aerie.as({ subject: 'bob', organization: 'org_globex' });
    await expect(bob.callTool('order_status', { id: 'G-9' })).rejects.toThrow('order:read');
  });
});
