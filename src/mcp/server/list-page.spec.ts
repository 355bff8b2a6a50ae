import { ProtocolError } from '@modelcontextprotocol/server';

import { pageOf } from './list-page.js';

const ITEMS = ['apple', 'bean', 'carrot', 'date', 'elder'];
const page = (cursor?: string, items = ITEMS): ReturnType<typeof pageOf<string>> =>
  pageOf(items, (item) => item, cursor, 2);

describe('a page of a list', () => {
  it('leads to the next until the list ends', () => {
    const first = page();
    const second = page(first.nextCursor);
    const third = page(second.nextCursor);

    expect([first.items, second.items, third.items]).toEqual([
      ['apple', 'bean'],
      ['carrot', 'date'],
      ['elder'],
    ]);
    expect(third).not.toHaveProperty('nextCursor');
  });

  it('has no cursor if it ends exactly with the list', () => {
    expect(page(undefined, ['apple', 'bean'])).toEqual({ items: ['apple', 'bean'] });
  });

  it('is empty for an empty list', () => {
    expect(page(undefined, [])).toEqual({ items: [] });
  });

  it('continues after an item that has been removed in between', () => {
    const { nextCursor } = page();
    const without = ITEMS.filter((item) => item !== 'bean');

    expect(page(nextCursor, without).items).toEqual(['carrot', 'date']);
  });

  it.each(['', 'no-cursor', Buffer.from('7').toString('base64url')])('rejects the cursor "%s"', (cursor) => {
    expect(() => page(cursor)).toThrow(ProtocolError);
    expect(() => page(cursor)).toThrow(/Invalid cursor\. Use nextCursor from the previous page/);
  });
});
