import { type CanActivate, Injectable, UseGuards } from '@nestjs/common';

import { McpTool, RequireRoles } from '../src/index.js';
import { AerieTest } from '../src/testing/index.js';
import { catalogProblems } from './support/catalog-problems.js';

const base = { description: 'Deletes everything.', scopes: 'authenticated' } as const;

let isAdmin = false;

@Injectable()
class AdminGuard implements CanActivate {
  canActivate(): boolean {
    return isAdmin;
  }
}

/** Class decorator that wraps the class, as tracing libraries do. Its prototype keeps the wrapped `constructor`. */
const Traced = <Target extends object>(target: Target): Target => new Proxy(target, {});

/** Mixin helper of the TypeScript handbook. It copies `constructor` too. */
function applyMixins(derived: { prototype: object }, bases: readonly { prototype: object }[]): void {
  for (const { prototype } of bases) {
    for (const name of Object.getOwnPropertyNames(prototype)) {
      const descriptor = Object.getOwnPropertyDescriptor(prototype, name);
      Object.defineProperty(derived.prototype, name, descriptor as PropertyDescriptor);
    }
  }
}

class Paging {
  firstPage(): number {
    return 1;
  }
}

@UseGuards(AdminGuard)
@Traced
@Injectable()
class TracedGuarded {
  @McpTool({ ...base, name: 'traced_guarded' })
  run(): string {
    return 'done';
  }
}

@RequireRoles('admin')
@Traced
@Injectable()
class TracedRestricted {
  @McpTool({ ...base, name: 'traced_restricted' })
  run(): string {
    return 'done';
  }
}

@Traced
@RequireRoles('admin')
@Injectable()
class RestrictedTraced {
  @McpTool({ ...base, name: 'restricted_traced' })
  run(): string {
    return 'done';
  }
}

@UseGuards(AdminGuard)
@Injectable()
class MixedGuarded {
  @McpTool({ ...base, name: 'mixed_guarded' })
  run(): string {
    return 'done';
  }
}
applyMixins(MixedGuarded, [Paging]);

@RequireRoles('admin')
@Injectable()
class MixedRestricted {
  @McpTool({ ...base, name: 'mixed_restricted' })
  run(): string {
    return 'done';
  }
}
applyMixins(MixedRestricted, [Paging]);

@Traced
@RequireRoles('admin')
class TracedBase {}

@Injectable()
class RestrictedByBase extends TracedBase {
  @McpTool({ ...base, name: 'restricted_by_base' })
  run(): string {
    return 'done';
  }
}

describe('decorators of a class whose instances have another constructor', () => {
  let aerie: AerieTest;
  beforeAll(async () => {
    aerie = await AerieTest.create({
      providers: [
        TracedGuarded,
        TracedRestricted,
        RestrictedTraced,
        RestrictedByBase,
        MixedGuarded,
        MixedRestricted,
      ],
    }).compile();
  });
  afterAll(() => aerie.close());

  it.each(['traced_guarded', 'mixed_guarded'])('guard the tool %s', async (name) => {
    isAdmin = false;
    expect((await aerie.as({}).callTool(name)).isError).toBe(true);
    isAdmin = true;
    expect((await aerie.as({}).callTool(name)).text).toBe('done');
  });

  it.each(['traced_restricted', 'restricted_traced', 'restricted_by_base', 'mixed_restricted'])(
    'restrict the tool %s to a role',
    async (name) => {
      await expect(aerie.as({}).callTool(name)).resolves.toMatchObject({
        isError: true,
        text: expect.stringContaining('This needs the role admin') as unknown,
      });
      expect((await aerie.as({ roles: ['admin'] }).callTool(name)).text).toBe('done');
    },
  );
});

it.each([
  ['class', AdminGuard],
  ['instance', new AdminGuard()],
])('stops the start if a guard, named as %s, is on a class that a decorator wraps', async (_form, guard) => {
  @Traced
  @UseGuards(guard)
  @Injectable()
  class GuardedTraced {
    @McpTool({ ...base, name: 'guarded_traced' })
    run(): string {
      return 'done';
    }
  }
  expect(await catalogProblems({ providers: [GuardedTraced] })).toEqual([
    'GuardedTraced.run: NestJS would skip its guard AdminGuard, because a class decorator or mixin replaced the class that has it. Add it above all other decorators of the class',
  ]);
});

it('stops the start if a guard is on a base class that a decorator wraps', async () => {
  @Traced
  @UseGuards(AdminGuard)
  class GuardedBase {}

  @Injectable()
  class GuardedByBase extends GuardedBase {
    @McpTool({ ...base, name: 'guarded_by_base' })
    run(): string {
      return 'done';
    }
  }
  expect(await catalogProblems({ providers: [GuardedByBase] })).toEqual([
    expect.stringMatching(/^GuardedByBase\.run: NestJS would skip its guard AdminGuard/),
  ]);
});

it('runs a guard that a wrapped class inherits', async () => {
  @UseGuards(AdminGuard)
  class Guarded {}

  @Traced
  @Injectable()
  class InheritingTraced extends Guarded {
    @McpTool({ ...base, name: 'inheriting_traced' })
    run(): string {
      return 'done';
    }
  }
  const aerie = await AerieTest.create({ providers: [InheritingTraced] }).compile();
  isAdmin = false;
  expect((await aerie.as({}).callTool('inheriting_traced')).isError).toBe(true);
  await aerie.close();
});
