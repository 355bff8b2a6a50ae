import { Injectable, Scope } from '@nestjs/common';

import { type CallContext, McpTool, Principal } from '../src/mcp/index.js';
import { AerieTest, createCallContext } from '../src/testing/index.js';
import { DECLARED } from './support/claims.js';
import { message as single, toolCall } from './support/rpc.js';
import { SessionToolsModule } from './support/session.tools.js';
import { EventReader, openSession } from './support/sessions.js';

@Injectable({ scope: Scope.REQUEST })
class Rules {
  constructor(private readonly principal: Principal) {}

  get maxOrders(): number {
    return this.principal.claim('limits').orders;
  }
}

@Injectable()
class OrderTools {
  constructor(private readonly rules: Rules) {}

  @McpTool({ name: 'max_orders', scopes: 'authenticated', description: 'Maximum number of orders.' })
  maxOrders(): string {
    return String(this.rules.maxOrders);
  }
}

@Injectable()
class DepartmentTools {
  @McpTool({ name: 'department', scopes: 'authenticated', description: 'Department of the caller.' })
  department(_input: object, { principal }: CallContext): string {
    return principal.claim('department') ?? 'none';
  }

  @McpTool({ name: 'email', scopes: 'authenticated', description: 'Reads a claim that is not declared.' })
  email(_input: object, { principal }: CallContext): unknown {
    // @ts-expect-error the claim is not declared
    return principal.claim('email');
  }
}

describe('declared claims', () => {
  let aerie: AerieTest;
  beforeAll(async () => {
    aerie = await AerieTest.create(
      { providers: [Rules, OrderTools, DepartmentTools] },
      { claims: DECLARED },
    ).compile();
  });
  afterAll(() => aerie.close());

  it('reach handlers and request-scoped providers, each call with those of its caller', async () => {
    const sales = aerie.as({ subject: 'alice', claims: { department: 'sales', limits: { orders: 3 } } });
    const other = aerie.as({ subject: 'bob' });
    const answers = await Promise.all(
      [sales, other, sales].map(async (client) => [
        (await client.callTool('department')).text,
        (await client.callTool('max_orders')).text,
      ]),
    );
    expect(answers).toEqual([
      ['sales', '3'],
      ['none', '10'],
      ['sales', '3'],
    ]);
  });

  it('refuse a token whose value does not match', async () => {
    const wrong = aerie.as({ subject: 'alice', claims: { department: 'board' } });
    await expect(wrong.callTool('department')).rejects.toThrow(/401: The claim "department"/);
  });

  it('are the only further claims that a handler can read', async () => {
    const client = aerie.as({ subject: 'alice', claims: { email: 'alice@example.com' } });
    const { isError, text } = await client.callTool('email');
    expect(isError).toBe(true);
    expect(text).not.toContain('alice@example.com');
  });

  it('are the same for one handler alone', () => {
    const contextOf = (claims: Record<string, unknown>): CallContext =>
      createCallContext({ caller: { claims }, claims: DECLARED }).context;
    const sales = contextOf({ department: 'sales', email: 'alice@example.com' });
    expect(new DepartmentTools().department({}, sales)).toBe('sales');
    expect(new Rules(sales.principal).maxOrders).toBe(10);
    expect(() => new DepartmentTools().email({}, sales)).toThrow('The claim "email" is not declared.');
    expect(new DepartmentTools().department({}, contextOf({}))).toBe('none');
    expect(() => contextOf({ department: 'board' })).toThrow('The claim "department"');
    const undeclared = createCallContext({ caller: { claims: { department: 'sales' } } }).context;
    expect(() => new DepartmentTools().department({}, undeclared)).toThrow('"department" is not declared.');
  });
});

it('must be the same in a token that continues a call of a session', async () => {
  const aerie = await AerieTest.create(
    { imports: [SessionToolsModule] },
    { claims: DECLARED, variables: { MCP_SESSIONS: 'on' }, port: 0 },
  ).compile();
  const tokenOf = (department: string): Promise<string> =>
    aerie.token({ subject: 'alice', claims: { department, limits: { orders: 3 } } });
  try {
    const session = await openSession(aerie.url, await tokenOf('sales'), { elicitation: {} });
    const stream = new EventReader(await session.post(single(toolCall('ask_name', {}, 'asking'))));
    const question = await stream.until(({ message }) => message?.method === 'elicitation/create');
    const answer = { jsonrpc: '2.0', id: question.message?.id, result: { action: 'decline' } };

    const moved = await tokenOf('support');
    expect((await session.post(answer, moved)).status).toBe(403);
    expect((await session.get(question.id, moved)).status).toBe(403);

    const refreshed = await tokenOf('sales');
    expect((await session.post(answer, refreshed)).status).toBe(202);
    expect((await stream.until(({ message }) => message?.id === 'asking')).message?.result).toMatchObject({
      content: [{ text: 'decline' }],
    });
  } finally {
    await aerie.close();
  }
});
