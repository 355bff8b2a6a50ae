import { Organization } from '../../../src/mcp/index.js';
import { OrderStatusTools } from './order-status.tools.js';

describe('OrderStatusTools', () => {
  it("finds an order of the caller's organization only", () => {
    const tools = new OrderStatusTools(new Organization('org_acme'));
    expect(tools.orderStatus({ id: 'A-7' })).toBe('Order A-7 is shipped.');
    expect(() => tools.orderStatus({ id: 'G-9' })).toThrow('There is no order G-9.');
  });
});
