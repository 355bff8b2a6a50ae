import { type CanActivate, Inject, Injectable, Module, Scope, type Type, UseGuards } from '@nestjs/common';
import { ModulesContainer, NestFactory } from '@nestjs/core';

import { Organization } from '../../auth/organization.js';
import { SHARED_CONFIGURATION } from '../../config/shared-configuration.module.js';
import { Principal } from '../../auth/principal.js';
import { CallerModule } from '../context/caller.module.js';
import { needsOrganization } from './dependency-tree.js';

@Injectable({ scope: Scope.REQUEST, durable: true })
class Cache {}

@Injectable()
class Ledger {
  constructor(readonly organization: Organization) {}
}

@Injectable()
class CachedGuard implements CanActivate {
  @Inject() readonly cache!: Cache;

  canActivate(): boolean {
    return true;
  }
}

@Injectable()
class Singleton {}

@Injectable()
class Personal {
  constructor(
    readonly principal: Principal,
    readonly singleton: Singleton,
  ) {}
}

@Injectable()
class OverLedger {
  constructor(readonly ledger: Ledger) {}
}

@Injectable()
class OverCache {
  constructor(@Inject('alias') readonly cache: Cache) {}
}

@Injectable()
class Guarded {
  @UseGuards(CachedGuard)
  guarded(): string {
    return '';
  }
}

@Module({
  imports: [
    {
      module: CallerModule,
      providers: [{ provide: SHARED_CONFIGURATION, useValue: { tools: { maxOrganizationsInMemory: 1 } } }],
    },
  ],
  providers: [
    Cache,
    Ledger,
    Singleton,
    Personal,
    OverLedger,
    OverCache,
    Guarded,
    { provide: 'alias', useExisting: Cache },
  ],
})
class TestModule {}

describe('needsOrganization', () => {
  it.each<[Type, boolean]>([
    [Cache, true],
    [Ledger, true],
    [OverLedger, true],
    [OverCache, true],
    [Guarded, true],
    [Singleton, false],
    [Personal, false],
  ])('is computed for %p: %p', async (type, expected) => {
    const application = await NestFactory.createApplicationContext(TestModule, { logger: false });
    const wrapper = [...application.get(ModulesContainer).values()]
      .find(({ metatype }) => metatype === TestModule)
      ?.providers.get(type);
    if (!wrapper) throw new Error('The provider is missing from the module.');
    expect(needsOrganization(wrapper)).toBe(expected);
    await application.close();
  });
});
