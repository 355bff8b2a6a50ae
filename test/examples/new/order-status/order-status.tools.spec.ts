import { OrderStatusTools } from './order-status.tools.js';

describe('OrderStatusTools', () => {
  it('returns a result', () => {
    expect(new OrderStatusTools().orderStatus({ id: 'A-7' })).toBe('Result for A-7');
  });
});
