import { fromCursor, toCursor } from './page-cursor.js';

const position = {
  createdAt: new Date('2026-11-21T03:04:05.678Z'),
  id: '3b241101-e2bb-4255-8caf-4136c566a962',
};
const encode = (text: string): string => Buffer.from(text).toString('base64url');

describe('a cursor', () => {
  it('comes back as it went', () => {
    expect(fromCursor(toCursor(position))).toEqual(position);
  });

  it.each([
    ['nothing', ''],
    ['something else', 'next'],
    ['no time', encode(`yesterday ${position.id}`)],
    ['no id', encode(`${position.createdAt.toISOString()} 1`)],
    ['more than that', encode(`${position.createdAt.toISOString()} ${position.id} x`)],
  ])('with %s in it is refused in words for a model', (_what, cursor) => {
    expect(() => fromCursor(cursor)).toThrow(/none that list_todos gave/);
  });
});
