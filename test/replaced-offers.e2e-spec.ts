import {
  type CanActivate,
  type ExecutionContext,
  Injectable,
  Module,
  type PipeTransform,
  Scope,
  UseGuards,
  UsePipes,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

import { AerieModule } from '../src/aerie.module.js';
import { fromEnvironment, McpPrompt, McpResource, McpTool } from '../src/index.js';
import { AerieTest, type TestClient } from '../src/testing/index.js';

const base = { description: 'Answers.', scopes: 'authenticated' } as const;

/** Handlers that the guard has seen. */
const seen: unknown[] = [];

@Injectable()
class SeeingGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    return seen.push(context.getHandler()) > 0;
  }
}

@Injectable()
class RefusingGuard implements CanActivate {
  canActivate(): boolean {
    return false;
  }
}

@Injectable()
class Loud implements PipeTransform {
  transform(value: unknown): unknown {
    return typeof value === 'object' && value !== null && 'offer' in value ? value : { loud: true };
  }
}

class Offers {
  private readonly end = '!';

  @McpTool({ ...base, name: 'plain' })
  plain(): string {
    return `plain${this.end}`;
  }

  @McpTool({ ...base, name: 'guarded' })
  @UseGuards(SeeingGuard)
  @UsePipes(Loud)
  guarded(input: object): string {
    return JSON.stringify(input) + this.end;
  }

  @McpTool({ ...base, name: 'refused' })
  @UseGuards(RefusingGuard)
  refused(): string {
    return 'refused';
  }

  @McpResource({ ...base, name: 'page', uri: 'page://one' })
  page(): string {
    return 'page';
  }

  @McpPrompt({ ...base, name: 'prompt' })
  prompt(): string {
    return 'prompt';
  }
}

const NAMES = ['plain', 'guarded', 'refused', 'page', 'prompt'] as const;

/** Replaces the methods of an object with others that check the license first. */
function license(target: Offers): void {
  for (const name of NAMES) {
    const method: (this: Offers, ...inputs: never[]) => string = target[name];
    target[name] = function (this: Offers, ...inputs: never[]): string {
      return `licensed ${method.apply(this, inputs)}`;
    };
  }
}

@Injectable()
class Licensed extends Offers {
  constructor() {
    super();
    license(this);
  }
}

@Injectable({ scope: Scope.REQUEST })
class LicensedPerRequest extends Licensed {}

@Injectable()
class Declared extends Offers {}

@Injectable({ scope: Scope.REQUEST })
class DeclaredPerRequest extends Offers {}

async function answersOf(client: TestClient): Promise<unknown[]> {
  const { contents } = await client.readResource('page://one');
  const { messages } = await client.getPrompt('prompt');
  return [
    (await client.callTool('plain')).text,
    (await client.callTool('guarded')).text,
    ...contents.map((content) => 'text' in content && content.text),
    ...messages.map(({ content }) => content.type === 'text' && content.text),
  ];
}

const LICENSED = ['licensed plain!', 'licensed {"loud":true}!', 'licensed page', 'licensed prompt'];

beforeEach(() => (seen.length = 0));

describe('a method that the constructor replaces', () => {
  it.each([Licensed, LicensedPerRequest])(
    'is called in its place, after the enhancers of %p',
    async (type) => {
      const aerie = await AerieTest.create({ providers: [type] }).compile();
      const client = aerie.as({});
      await expect(answersOf(client)).resolves.toEqual(LICENSED);
      expect(seen).toEqual([Object.getOwnPropertyDescriptor(Offers.prototype, 'guarded')?.value]);
      await expect(client.callTool('refused')).resolves.toMatchObject({ isError: true });
      await aerie.close();
    },
  );
});

describe('a method that an instance decorator replaces', () => {
  it.each([Declared, DeclaredPerRequest])('is called in its place for %p', async (type) => {
    const instanceDecorator = (instance: unknown): unknown => {
      if (!(instance instanceof type)) return instance;
      return new Proxy(instance, {
        get: (target, name) => {
          const member: unknown = Reflect.get(target, name);
          if (typeof member !== 'function' || name === 'constructor') return member;
          return (...inputs: unknown[]): string =>
            `licensed ${String(Reflect.apply(member, target, inputs))}`;
        },
      });
    };
    const aerie = await AerieTest.start((variables) => {
      @Module({ imports: [AerieModule.forRoot(fromEnvironment(variables))], providers: [type] })
      class Root {}
      return NestFactory.create(Root, { logger: false, instrument: { instanceDecorator } });
    });
    await expect(answersOf(aerie.as({}))).resolves.toEqual(LICENSED);
    await aerie.close();
  });
});

describe('a method that a library replaces after the start', () => {
  it('on the instance, is called in its place', async () => {
    const aerie = await AerieTest.create({ providers: [Declared] }).compile();
    license(aerie.application.get(Declared));
    await expect(answersOf(aerie.as({}))).resolves.toEqual(LICENSED);
    await aerie.close();
  });

  it('on the prototype, is called in its place', async () => {
    @Injectable()
    class Patched extends Offers {}
    const aerie = await AerieTest.create({ providers: [Patched] }).compile();
    license(Patched.prototype);
    await expect(answersOf(aerie.as({}))).resolves.toEqual(LICENSED);
    await aerie.close();
  });
});
