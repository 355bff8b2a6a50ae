import { fromCursor, toCursor } from './page-cursor.js';

const position = {
  createdAt: new Date('2026-11-21T03:04:05.678Z'),
  id: '3b241101-e2bb-4255-8caf-4136c566a962',
};
const encode = (text: string): string => Buffer.from(text).toString('base64url');

describe('a cursor', () => {
  it('decodes to the encoded position', () => {
    expect(fromCursor(toCursor(position))).toEqual(position);
  });

  it.each([
    ['nothing', ''],
    ['arbitrary text', 'next'],
    ['an invalid time', encode(`yesterday ${position.id}`)],
    ['an invalid id', encode(`${position.createdAt.toISOString()} 1`)],
    ['extra data', encode(`${position.createdAt.toISOString()} ${position.id} x`)],
  ])('is rejected if it contains %s', (_what, cursor) => {
    expect(() => fromCursor(cursor)).toThrow(/^Invalid cursor\. Use nextCursor/);
  });
});
