import { chatGptWarnings } from './client-warnings.js';

const tool = (name: string, ...members: string[]): Parameters<typeof chatGptWarnings>[0][number] => ({
  name,
  definition: { outputSchema: { properties: Object.fromEntries(members.map((member) => [member, {}])) } },
});

const SEARCH = tool('search', 'results');
const FETCH = tool('fetch', 'id', 'title', 'text', 'url', 'metadata');

describe('chatGptWarnings', () => {
  it('accepts the pair, and tools that only have the name', () => {
    expect(chatGptWarnings([SEARCH, FETCH])).toEqual([]);
    expect(chatGptWarnings([tool('search', 'hits'), { name: 'fetch', definition: {} }])).toEqual([]);
  });

  it('names the missing half', () => {
    expect(chatGptWarnings([SEARCH])).toEqual([expect.stringContaining('Declare it with @ChatGptFetch().')]);
    expect(chatGptWarnings([FETCH])).toEqual([expect.stringContaining('Declare it with @ChatGptSearch().')]);
  });

  it('does not take a tool with another result for the half', () => {
    expect(chatGptWarnings([SEARCH, tool('fetch', 'id', 'body')])).toEqual([
      expect.stringContaining('no tool fetch with the result that ChatGPT expects'),
    ]);
  });
});
