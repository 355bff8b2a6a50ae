import { Injectable, Module, type Type } from '@nestjs/common';
import { z } from 'zod';

import { McpTool, Principal } from '../src/mcp/index.js';
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
  @McpTool({ name: 'greet_user', description: 'A name that is taken.' })
  greet(): string {
    return '';
  }
}

@Injectable()
class BadNames {
  @McpTool({ name: 'no spaces please', description: 'A bad name.' })
  one(): string {
    return '';
  }

  @McpTool({ name: '', description: '' })
  two(): string {
    return '';
  }
}

@Injectable()
class BadSchemas {
  @McpTool({ name: 'date', description: 'No JSON Schema for a Date.', input: z.object({ when: z.date() }) })
  date(_input: { when: Date }): string {
    return '';
  }

  @McpTool({ name: 'text', description: 'Not an object.', input: z.string() })
  text(_input: string): string {
    return '';
  }

  @McpTool({ name: 'scope', description: 'A bad scope.', scopes: ['two scopes'], timeout: -1 })
  scope(): string {
    return '';
  }
}

@Injectable()
class WrongParameter {
  // @ts-expect-error the schema yields an object with a name, and the method takes something else
  @McpTool({ name: 'wrong', description: 'Wrong parameter.', input: z.object({ name: z.string() }) })
  wrong(name: string): string {
    return name;
  }

  // @ts-expect-error the schema yields an optional name
  @McpTool({ name: 'wronger', description: 'Optional.', input: z.object({ name: z.string().optional() }) })
  wronger({ name }: { name: string }): string {
    return name;
  }
}

@Injectable()
class RequestScopedBase {
  constructor(protected readonly principal: Principal) {}

  @McpTool({ name: 'inherited', description: 'Declared by a base class.' })
  inherited(): string {
    return this.principal.subject;
  }
}

@Injectable()
class Derived extends RequestScopedBase {}

describe('the catalogue', () => {
  it('refuses a name that is taken, and says by whom', async () => {
    expect(await startFailure(Taken)).toMatch(
      /(Taken\.greet|GreetingTools\.greetUser): its name "greet_user" is taken by (GreetingTools\.greetUser|Taken\.greet)/,
    );
  });

  it('reports every problem at once', async () => {
    const message = await startFailure(BadNames, BadSchemas);
    expect(message).toMatch(/Aerie cannot start: 8 problems with its tools\./);
    expect(message).toMatch(/BadNames\.one: its name "no spaces please"/);
    expect(message).toMatch(/BadNames\.two: its name ""/);
    expect(message).toMatch(/BadNames\.two: it has no description/);
    expect(message).toMatch(/BadSchemas\.date: its input cannot become JSON Schema/);
    expect(message).toMatch(/BadSchemas\.text: its method takes a String/);
    expect(message).toMatch(/BadSchemas\.text: its input is of type "string"/);
    expect(message).toMatch(/BadSchemas\.scope: its scope "two scopes"/);
    expect(message).toMatch(/BadSchemas\.scope: its timeout -1/);
  });

  it('refuses a method that takes something else than its schema yields', async () => {
    expect(await startFailure(WrongParameter)).toMatch(/WrongParameter\.wrong: its method takes a String/);
  });

  it('finds inherited methods, and one class once though several modules export it', async () => {
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
