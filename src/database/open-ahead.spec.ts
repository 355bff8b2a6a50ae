import { Injectable, Module, Scope } from '@nestjs/common';
import { Test } from '@nestjs/testing';

import { Database } from './database.js';
import { openAhead } from './open-ahead.js';
import { OrganizationDatabase } from './organization-database.js';

@Injectable({ scope: Scope.REQUEST })
class Repository {
  constructor(readonly database: OrganizationDatabase) {}
}

describe('openAhead', () => {
  it.each([
    ['opens the database if a provider injects it', [Repository], 1],
    ['leaves the database closed if no provider injects it', [], 0],
  ])('%s', async (_title, providers, times) => {
    const open = jest.fn();
    @Module({ providers: [{ provide: Database, useValue: { openAhead: open } }, ...providers] })
    class Application {}
    const application = await Test.createTestingModule({ imports: [Application] })
      .useMocker(() => ({}))
      .compile();
    openAhead(application);
    expect(open).toHaveBeenCalledTimes(times);
  });
});
