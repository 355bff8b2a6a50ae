import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  Module,
  type NestInterceptor,
  UseInterceptors,
} from '@nestjs/common';
import { interval, type Observable, tap } from 'rxjs';

import { McpTool } from '../src/mcp/index.js';
import { type Aerie, startAerie } from './support/aerie.js';
import { ERAS, postModern, resultText, toolCall } from './support/rpc.js';
import { until } from './support/until.js';

const base = { description: 'x', scopes: 'authenticated', annotations: { readOnlyHint: true } } as const;

let ticks = 0;
const ticking = (): Observable<number> => interval(5).pipe(tap(() => ticks++));

class Passing implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle();
  }
}

@Injectable()
class TickingTools {
  @McpTool({ ...base, name: 'ticks', timeout: 100 })
  ticks(): Observable<number> {
    return ticking();
  }

  @McpTool({ ...base, name: 'ticks_behind_an_interceptor', timeout: 100 })
  @UseInterceptors(Passing)
  intercepted(): Observable<number> {
    return ticking();
  }

  @McpTool({ ...base, name: 'locked' })
  locked(): object {
    const stream = new ReadableStream();
    stream.getReader();
    return stream;
  }

  @McpTool({ ...base, name: 'ticks_until_cancelled' })
  untilCancelled(): Observable<number> {
    return ticking();
  }
}

@Module({ providers: [TickingTools] })
class TickingModule {}

const stillTicks = async (): Promise<boolean> => {
  const before = ticks;
  await new Promise((resolve) => setTimeout(resolve, 50));
  return ticks > before;
};

describe('the work of a tool', () => {
  let aerie: Aerie;
  let token: string;
  beforeAll(async () => {
    aerie = await startAerie({ modules: [TickingModule] });
    token = await aerie.token();
  });
  afterAll(() => aerie.close());
  beforeEach(() => {
    ticks = 0;
  });

  describe.each(ERAS)('in the era of %s', (_era, send) => {
    it.each(['ticks', 'ticks_behind_an_interceptor'])('ends with its deadline: %s', async (name) => {
      expect(await resultText(await send(aerie.url, token, toolCall(name)))).toMatch(/did not end within/);
      expect(ticks).toBeGreaterThan(0);
      expect(await stillTicks()).toBe(false);
    });
  });

  it('cannot be a stream, even a locked one', async () => {
    const text = await resultText(await postModern(aerie.url, token, toolCall('locked')));
    expect(text).toMatch(/cannot be sent as JSON\. The value is a stream \(ReadableStream\)/);
  });

  it('ends when its caller disconnects', async () => {
    const leave = new AbortController();
    const call = postModern(aerie.url, token, toolCall('ticks_until_cancelled'), {}, leave.signal);
    await until(() => ticks > 0);
    leave.abort();
    await expect(call).rejects.toThrow(/abort/);
    let isTicking = true;
    for (let look = 0; isTicking && look < 20; look++) isTicking = await stillTicks();
    expect(isTicking).toBe(false);
  });

  it('is one value: startup fails on a generator', async () => {
    @Injectable()
    class GeneratorTools {
      @McpTool({ ...base, name: 'generator' })
      async *numbers(): AsyncGenerator<number> {
        yield 1;
      }
    }
    @Module({ providers: [GeneratorTools] })
    class GeneratorModule {}
    await expect(startAerie({ modules: [GeneratorModule] })).rejects.toThrow(/its method is a generator/);
  });
});
