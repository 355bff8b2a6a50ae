import { toResourceContents } from './resource-contents.js';

const read = (value: unknown): unknown => toResourceContents('data://read', undefined, value);

describe('contents of a resource', () => {
  it('have the URI that was read unless they name another', () => {
    const blob = 'aGk=';
    const contents = [
      { text: 'one' },
      { uri: null, blob, mimeType: 'image/png' },
      { uri: 'data://o', text: '' },
    ];
    expect(read({ contents })).toEqual({
      contents: [
        { uri: 'data://read', text: 'one' },
        { uri: 'data://read', blob, mimeType: 'image/png' },
        { uri: 'data://o', text: '' },
      ],
    });
  });

  it.each([
    ['members of its own', { contents: [{ text: 'one', author: 'Ada' }] }],
    ['other members next to them', { title: 'Moby Dick', contents: [{ text: 'Call me Ishmael.' }] }],
    ['other members next to an empty list', { title: 'Moby Dick', contents: [] }],
    ['neither text nor bytes', { contents: [{ page: 1 }] }],
  ])('are data of the resource with %s', (_what, value) => {
    expect(read(value)).toEqual({
      contents: [{ uri: 'data://read', mimeType: 'application/json', text: JSON.stringify(value) }],
    });
  });
});
