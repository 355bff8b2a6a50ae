import { Injectable, Module, type Type } from '@nestjs/common';
import { z } from 'zod';

import { McpTool, type McpToolOptions, Principal } from '../src/mcp/index.js';
import { startAerie } from './support/aerie.js';

const moduleOf = (...providers: Type[]): Type => {
  @Module({ providers })
  class TestModule {}
  return TestModule;
};

async function startFailure(...providers: Type[]): Promise<string> {
  try {
    await (await startAerie({ modules: [moduleOf(...providers)] })).close();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return 'It started.';
}

@Injectable()
class Taken {
  @McpTool({ name: 'greet_user', scopes: 'authenticated', description: 'A name that is taken.' })
  greet(): string {
    return '';
  }
}

@Injectable()
class BadNames {
  @McpTool({ name: 'no spaces please', scopes: 'authenticated', description: 'A bad name.' })
  one(): string {
    return '';
  }

  @McpTool({ name: '', scopes: 'authenticated', description: '' })
  two(): string {
    return '';
  }
}

@Injectable()
class BadSchemas {
  @McpTool({
    name: 'date',
    scopes: 'authenticated',
    description: 'No JSON Schema for a Date.',
    input: z.object({ when: z.date() }),
  })
  date(_input: { when: Date }): string {
    return '';
  }

  @McpTool({ name: 'text', scopes: 'authenticated', description: 'Not an object.', input: z.string() })
  text(_input: string): string {
    return '';
  }

  @McpTool({ name: 'scope', description: 'A bad scope.', scopes: ['two scopes'], timeout: -1 })
  scope(): string {
    return '';
  }
}

@Injectable()
class BadLimits {
  @McpTool({ name: 'rate', scopes: 'authenticated', description: 'A bad rate.', rateLimit: '0/min' })
  rate(): string {
    return '';
  }

  @McpTool({
    name: 'unit',
    scopes: 'authenticated',
    description: 'A bad unit.',
    // @ts-expect-error the unit is none
    rateLimit: '10/fortnight',
    cost: 0,
  })
  unit(): string {
    return '';
  }

  @McpTool({
    name: 'never',
    scopes: 'authenticated',
    description: 'Too dear.',
    rateLimit: '10/min',
    cost: 11,
  })
  never(): string {
    return '';
  }

  @McpTool({ name: 'half', scopes: 'authenticated', description: 'A bad cost.', cost: 0.5 })
  half(): string {
    return '';
  }
}

/** Declarations that only JavaScript, or TypeScript without type checks, can contain. */
const untyped = (options: object): Pick<McpToolOptions, 'name' | 'description' | 'scopes'> =>
  JSON.parse(JSON.stringify(options));

const NO_OPTIONS: Pick<McpToolOptions, 'name' | 'description' | 'scopes'> = Reflect.get({}, 'options');

@Injectable()
class Untyped {
  @McpTool(NO_OPTIONS)
  nothing(): string {
    return '';
  }

  @McpTool(untyped({ name: 'undescribed', scopes: 'authenticated' }))
  undescribed(): string {
    return '';
  }

  @McpTool(untyped({ description: 'No name.', scopes: 'authenticated' }))
  unnamed(): string {
    return '';
  }

  @McpTool(untyped({ name: 'a', description: 'A.', scopes: 'order:read', input: { type: 'object' } }))
  text(): string {
    return '';
  }

  @McpTool(untyped({ name: 'b', description: 'B.', scopes: ['b'], visibility: 'hidden' }))
  hidden(): string {
    return '';
  }
}

@Injectable()
class WrongParameter {
  // @ts-expect-error the schema yields an object with a name, and the method takes something else
  @McpTool({
    name: 'wrong',
    scopes: 'authenticated',
    description: 'Wrong parameter.',
    input: z.object({ name: z.string() }),
  })
  wrong(name: string): string {
    return name;
  }

  // @ts-expect-error the schema yields an optional name
  @McpTool({
    name: 'wronger',
    scopes: 'authenticated',
    description: 'Optional.',
    input: z.object({ name: z.string().optional() }),
  })
  wronger({ name }: { name: string }): string {
    return name;
  }
}

@Injectable()
class RequestScopedBase {
  constructor(protected readonly principal: Principal) {}

  @McpTool({ name: 'inherited', scopes: 'authenticated', description: 'Declared by a base class.' })
  inherited(): string {
    return this.principal.subject;
  }
}

@Injectable()
class Derived extends RequestScopedBase {}

describe('the catalog', () => {
  it('rejects a duplicate name, and names its owner', async () => {
    expect(await startFailure(Taken)).toMatch(
      /(Taken\.greet|GreetingTools\.greetUser): its tool name "greet_user" is already used by (GreetingTools\.greetUser|Taken\.greet)\. Change one of them/,
    );
  });

  it('reports every problem at once', async () => {
    const message = await startFailure(BadNames, BadSchemas);
    expect(message).toMatch(/Aerie cannot start: 8 problems in the declarations\./);
    expect(message).toMatch(/BadNames\.one: its name "no spaces please"/);
    expect(message).toMatch(/BadNames\.two: its name ""/);
    expect(message).toMatch(/BadNames\.two: its description is empty/);
    expect(message).toMatch(/BadSchemas\.date: its input cannot be converted to JSON Schema/);
    expect(message).toMatch(/BadSchemas\.text: its method takes a String/);
    expect(message).toMatch(/BadSchemas\.text: its input is of type "string"/);
    expect(message).toMatch(/BadSchemas\.scope: its scope "two scopes"/);
    expect(message).toMatch(/BadSchemas\.scope: its timeout -1/);
  });

  it('reports members of the wrong type, together with other problems', async () => {
    const message = await startFailure(Untyped, BadLimits);
    expect(message).toMatch(/12 problems/);
    expect(message).toContain('Untyped.nothing: its name is missing.');
    expect(message).toContain('Untyped.undescribed: its description is missing.');
    expect(message).toContain('Untyped.unnamed: its name is missing.');
    expect(message).toContain("Untyped.text: its scopes must be a list such as ['order:read'],");
    expect(message).toContain('Untyped.text: its input must be a schema such as z.object({...}), or a class');
    expect(message).toContain("Untyped.hidden: its visibility must be 'scoped', 'discoverable' or 'secret'");
    expect(message).toContain('BadLimits.half: its cost 0.5');
  });

  it('rejects invalid limits', async () => {
    const message = await startFailure(BadLimits);
    expect(message).toMatch(/5 problems/);
    expect(message).toMatch(/BadLimits\.rate: its rateLimit "0\/min" is not a rate such as 10\/min/);
    expect(message).toMatch(/BadLimits\.unit: its rateLimit "10\/fortnight"/);
    expect(message).toMatch(/BadLimits\.unit: its cost 0 is not a positive integer/);
    expect(message).toMatch(/BadLimits\.never: its cost 11 is greater than its rateLimit 10\/min allows/);
    expect(message).toMatch(/BadLimits\.half: its cost 0.5/);
  });

  it('rejects a method whose parameter does not match the schema’s output', async () => {
    expect(await startFailure(WrongParameter)).toMatch(/WrongParameter\.wrong: its method takes a String/);
  });

  it('finds inherited methods, and a class that several modules export only once', async () => {
    const aerie = await startAerie({ modules: [moduleOf(Derived), moduleOf()] });
    try {
      const response = await fetch(aerie.url, {
        method: 'POST',
        headers: { authorization: `Bearer ${await aerie.token()}`, 'content-type': 'application/json' },
        body: '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"inherited"}}',
      });
      expect(await response.text()).toMatch(/usr_/);
    } finally {
      await aerie.close();
    }
  });
});
