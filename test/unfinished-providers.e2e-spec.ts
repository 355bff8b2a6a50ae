import { type CanActivate, Inject, Injectable, Module, Scope, UseGuards } from '@nestjs/common';

import { McpTool } from '../src/mcp/index.js';
import { type Aerie, startAerie } from './support/aerie.js';
import { message, post, toolCall } from './support/rpc.js';

const PERMISSIONS = Symbol('PERMISSIONS');
const ran = jest.fn();

/** Calls tools in one batch, twice, and expects these members in the result of each call. */
async function expectEach(aerie: Aerie, tools: readonly string[], members: object): Promise<void> {
  const token = await aerie.token();
  for (let round = 0; round < 2; round++) {
    const calls = tools.map((name, id) => message(toolCall(name, {}, id)));
    const answer: unknown = await (await post(aerie.url, token, calls)).json();
    const answered = expect.objectContaining({ result: expect.objectContaining(members) });
    expect(answer).toEqual(calls.map(() => answered));
  }
}

/** The tools of two providers share a dependency, whose creation fails without an error. */
@Injectable()
class FirstTools {
  constructor(@Inject(PERMISSIONS) readonly permissions: unknown) {}

  @McpTool({ name: 'first', scopes: 'authenticated', description: 'Needs permissions.' })
  first(): string {
    ran(this.permissions);
    return 'ran';
  }
}

@Injectable()
class SecondTools {
  constructor(@Inject(PERMISSIONS) readonly permissions: unknown) {}

  @McpTool({ name: 'second', scopes: 'authenticated', description: 'Needs permissions.' })
  second(): string {
    ran(this.permissions);
    return 'ran';
  }
}

@Module({
  providers: [
    FirstTools,
    SecondTools,
    {
      provide: PERMISSIONS,
      scope: Scope.REQUEST,
      useFactory: async () => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        throw undefined;
      },
    },
  ],
})
class PermissionsModule {}

describe('a tool whose dependency fails without an error', () => {
  let aerie: Aerie;
  beforeAll(async () => {
    aerie = await startAerie({ modules: [PermissionsModule] });
  });
  afterAll(() => aerie.close());

  it('does not run, not even for the later calls of a request', async () => {
    await expectEach(aerie, ['first', 'first', 'second'], { isError: true });
    expect(ran).not.toHaveBeenCalled();
  });
});

const RULES = Symbol('RULES');

@Injectable({ scope: Scope.REQUEST })
class SlowGuard implements CanActivate {
  constructor(@Inject(RULES) readonly rules: unknown) {}

  canActivate(): boolean {
    return true;
  }
}

/** Its guard is created with it, and takes longer. */
@Injectable({ scope: Scope.REQUEST })
class Guarded {
  @UseGuards(SlowGuard)
  open(): void {}
}

@Injectable()
class ThirdTools {
  constructor(readonly guarded: Guarded) {}

  @McpTool({ name: 'third', scopes: 'authenticated', description: 'Needs no rules.' })
  third(): string {
    return this.guarded instanceof Guarded ? 'ran' : 'unfinished';
  }
}

@Injectable()
class FourthTools {
  constructor(readonly guarded: Guarded) {}

  @McpTool({ name: 'fourth', scopes: 'authenticated', description: 'Needs no rules.' })
  fourth(): string {
    return this.guarded instanceof Guarded ? 'ran' : 'unfinished';
  }
}

@Module({
  providers: [
    ThirdTools,
    FourthTools,
    Guarded,
    {
      provide: RULES,
      scope: Scope.REQUEST,
      useFactory: async () => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        return {};
      },
    },
  ],
})
class GuardedModule {}

describe('a tool whose dependency has a guard that is not created yet', () => {
  let aerie: Aerie;
  beforeAll(async () => {
    aerie = await startAerie({ modules: [GuardedModule] });
  });
  afterAll(() => aerie.close());

  it('runs, because it does not need the guard', async () => {
    await expectEach(aerie, ['third', 'third', 'fourth'], { content: [{ type: 'text', text: 'ran' }] });
  });
});
