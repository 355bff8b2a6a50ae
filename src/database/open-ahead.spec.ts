import { Controller, Injectable, Module, type ModuleMetadata, Scope } from '@nestjs/common';
import { Test } from '@nestjs/testing';

import { Database } from './database.js';
import { openAhead } from './open-ahead.js';
import { OrganizationDatabase } from './organization-database.js';

@Injectable({ scope: Scope.REQUEST })
class Repository {
  constructor(readonly database: OrganizationDatabase) {}
}

@Controller()
class Routes {
  constructor(readonly database: OrganizationDatabase) {}
}

const factory = {
  provide: 'factory',
  inject: [OrganizationDatabase],
  useFactory: (database: OrganizationDatabase) => database,
};

describe('openAhead', () => {
  it.each([
    ['opens the database if a provider injects it', { providers: [Repository] }, 1],
    ['opens the database if a factory injects it', { providers: [factory] }, 1],
    ['opens the database if a controller injects it', { controllers: [Routes] }, 1],
    ['leaves the database closed if nothing injects it', {}, 0],
  ])('%s', async (_title, { providers = [], controllers = [] }: ModuleMetadata, times) => {
    const open = jest.fn();
    @Module({ providers: [{ provide: Database, useValue: { openAhead: open } }, ...providers], controllers })
    class Application {}
    const application = await Test.createTestingModule({ imports: [Application] })
      .useMocker(() => ({}))
      .compile();
    openAhead(application);
    expect(open).toHaveBeenCalledTimes(times);
  });
});
