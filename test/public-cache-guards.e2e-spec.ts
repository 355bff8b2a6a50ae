import { type CanActivate, Injectable, type NestInterceptor, UseGuards } from '@nestjs/common';

import { type EnhancerOptions, McpResource } from '../src/index.js';
import { CatalogService } from '../src/mcp/catalog/catalog.service.js';
import { AerieTest } from '../src/testing/index.js';

const guard: CanActivate = { canActivate: () => true };
const interceptor: NestInterceptor = { intercept: (_context, next) => next.handle() };

const declared = (name: string, cacheScope: 'public' | 'private', uri = `info://${name}`) =>
  ({ name, uri, scopes: 'authenticated', cache: { ttlMs: 1000, cacheScope } }) as const;

@Injectable()
class Open {
  @McpResource(declared('open', 'public'))
  open(): string {
    return 'open';
  }

  @UseGuards(guard)
  @McpResource(declared('method', 'public'))
  method(): string {
    return 'method';
  }
}

@UseGuards(guard)
@Injectable()
class Guarded {
  @McpResource(declared('class', 'public', 'info://class/{id}'))
  all(): string {
    return 'class';
  }

  @McpResource(declared('private', 'private'))
  own(): string {
    return 'private';
  }
}

async function warnedOf(enhancers: EnhancerOptions): Promise<(string | undefined)[]> {
  const aerie = await AerieTest.create({ providers: [Open, Guarded] }, { enhancers }).compile();
  const { warnings } = aerie.application.get(CatalogService, { strict: false });
  await aerie.close();
  return warnings.filter((warning) => warning.includes('cacheScope')).map((warning) => warning.split(' ')[0]);
}

describe('the warning of a public cache', () => {
  it.each([{}, { interceptors: [interceptor] }])(
    'names guards of a method or its class: %j',
    async (given) => {
      expect(await warnedOf(given)).toEqual(['method', 'class']);
    },
  );

  it('names guards of the endpoint', async () => {
    expect(await warnedOf({ guards: [guard] })).toEqual(['open', 'method', 'class']);
  });
});
