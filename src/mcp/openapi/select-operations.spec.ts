import type { Operation } from './operations.js';
import { selectedIn } from './select-operations.js';

const operation = (method: string, template: string, ...tags: string[]): Operation => ({
  id: undefined,
  route: `${method} ${template}`,
  method,
  template,
  tags,
  node: {},
  shared: [],
  server: undefined,
});

describe('the operations of a tag', () => {
  it('are in the group of the tag, except those with a mapping of their own', () => {
    const operations = [operation('GET', '/pets', 'pets'), operation('GET', '/pets/{id}', 'pets')];
    const problems: string[] = [];
    const selected = selectedIn(
      operations,
      {
        name: 'pets',
        document: {},
        operations: { 'GET /pets': { name: 'list', group: 'lists', scopes: ['pets'] } },
        tags: { pets: { group: 'animals', read: { scopes: ['pets'] } } },
      },
      problems,
    );
    expect(selected.map(({ mapping }) => mapping.group)).toEqual(['lists', 'animals']);
    expect(problems).toEqual([]);
  });
});
