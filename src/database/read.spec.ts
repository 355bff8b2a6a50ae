import { compiled, type ReadQuery } from './read.js';

describe('compiled', () => {
  const build = jest.fn<
    ReturnType<ReadQuery<unknown>>,
    Parameters<ReadQuery<unknown, { id: string; limit: number }>>
  >((tables, param) =>
    tables
      .selectFrom('todos')
      .select('id')
      .where('title', '=', 'constant')
      .where('id', '=', param('id'))
      .limit(param('limit')),
  );
  beforeEach(() => build.mockClear());

  it('builds a query with values only once, and binds the values of each call by their names', () => {
    const first = compiled(build, { id: 'a', limit: 1 });
    const second = compiled(build, { limit: 2, id: 'b' });
    expect(build).toHaveBeenCalledTimes(1);
    expect(second.sql).toBe('select "id" from "todos" where "title" = $1 and "id" = $2 limit $3');
    expect([first.parameters, second.parameters]).toEqual([
      ['constant', 'a', 1],
      ['constant', 'b', 2],
    ]);
  });

  it('builds a query without values each time', () => {
    for (const title of ['a', 'b']) {
      const { parameters } = compiled((tables) =>
        tables.selectFrom('todos').select('id').where('title', '=', title),
      );
      expect(parameters).toEqual([title]);
    }
  });

  it('explains that the values of parameters are missing', () => {
    expect(() => compiled(build)).toThrow('The query has parameters, but read() got no values.');
  });
});
