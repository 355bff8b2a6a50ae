import { UsageError } from '../terminal/usage-error.js';
import { namesOf } from './names.js';

describe('namesOf', () => {
  it.each(['order-status', 'order_status', 'orderStatus', 'OrderStatus', 'order status'])(
    'reads %s',
    (given) => {
      expect(namesOf(given)).toEqual({
        kebab: 'order-status',
        snake: 'order_status',
        camel: 'orderStatus',
        pascal: 'OrderStatus',
      });
    },
  );

  it.each(['', '-', '1st', '../orders', 'a.b', 'größe'])('rejects "%s"', (given) => {
    expect(() => namesOf(given)).toThrow(UsageError);
  });
});
