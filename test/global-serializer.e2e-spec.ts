import {
  ClassSerializerInterceptor,
  Injectable,
  Module,
  type Provider,
  UseInterceptors,
} from '@nestjs/common';
import { APP_INTERCEPTOR, NestFactory, Reflector } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Exclude } from 'class-transformer';

import { AerieModule, fromEnvironment } from '../src/index.js';
import { CatalogService } from '../src/mcp/catalog/catalog.service.js';
import { McpPrompt, McpTool } from '../src/mcp/index.js';
import { AerieTest } from '../src/testing/index.js';

class User {
  readonly name = 'alice';

  @Exclude()
  readonly passwordHash = 'hash-of-alice';
}

@Injectable()
class BareTools {
  @McpTool({ name: 'bare', description: 'Reads a user.', scopes: 'authenticated' })
  read(): User {
    return new User();
  }
}

class OwnSerializer extends ClassSerializerInterceptor {}

@Injectable()
@UseInterceptors(ClassSerializerInterceptor)
class SerializedTools {
  @McpTool({ name: 'serialized', description: 'Reads a user.', scopes: 'authenticated' })
  read(): User {
    return new User();
  }
}

@Injectable()
class SerializedMethods {
  @UseInterceptors(OwnSerializer)
  @McpTool({ name: 'method', description: 'Reads a user.', scopes: 'authenticated' })
  read(): User {
    return new User();
  }

  @McpPrompt({ name: 'prompt', description: 'Greets.', scopes: 'authenticated' })
  greet(): string {
    return 'Hello!';
  }
}

@Injectable()
class BillingTools {
  @McpTool({ name: 'payer', group: 'billing', description: 'Reads a user.', scopes: 'authenticated' })
  read(): User {
    return new User();
  }
}

const TOOLS = [BareTools, SerializedTools, SerializedMethods];

async function warningsWith(providers: Provider[], prepare: Prepare = () => {}): Promise<string[]> {
  const aerie = await AerieTest.create({ providers: [...TOOLS, ...providers] }, { prepare }).compile();
  const { warnings } = aerie.application.get(CatalogService, { strict: false });
  await aerie.close();
  return warnings.filter((warning) => warning.includes('ClassSerializerInterceptor'));
}

type Prepare = NonNullable<Parameters<typeof AerieTest.create>[1]>['prepare'];

const WARNING =
  'The global ClassSerializerInterceptor does not run for tools and resources, so @Exclude() has no effect on the results of BareTools. ' +
  'Add @UseInterceptors(ClassSerializerInterceptor) to each class. See docs/writing-tools.md.';

describe('a global ClassSerializerInterceptor', () => {
  it.each<[string, Provider[], Prepare]>([
    ['a provider', [{ provide: APP_INTERCEPTOR, useClass: ClassSerializerInterceptor }], undefined],
    ['a subclass', [{ provide: APP_INTERCEPTOR, useClass: OwnSerializer }], undefined],
    [
      'an instance',
      [],
      (application) =>
        application.useGlobalInterceptors(new ClassSerializerInterceptor(application.get(Reflector))),
    ],
  ])('as %s is warned of, with the classes whose results it does not change', async (_how, ...how) => {
    await expect(warningsWith(...how)).resolves.toEqual([WARNING]);
  });

  it('is not warned of where there is none', async () => {
    await expect(warningsWith([])).resolves.toEqual([]);
  });

  it('is not warned of if the endpoint has one, which has its effect everywhere', async () => {
    const metadata = {
      providers: [...TOOLS, { provide: APP_INTERCEPTOR, useClass: ClassSerializerInterceptor }],
    };
    const enhancers = { interceptors: [ClassSerializerInterceptor] };
    const aerie = await AerieTest.create(metadata, { enhancers }).compile();
    const { warnings } = aerie.application.get(CatalogService, { strict: false });
    expect((await aerie.as({}).callTool('bare')).text).toBe('{"name":"alice"}');
    await aerie.close();
    expect(warnings.filter((warning) => warning.includes('ClassSerializerInterceptor'))).toEqual([]);
  });

  it('is warned of at an endpoint without one, which takes tools of an endpoint with one', async () => {
    const aerie = await AerieTest.start((common) => {
      const billing = {
        ...common,
        RESOURCE_URL: `${common['RESOURCE_URL']}/billing`,
        TOOL_GROUPS: 'billing',
      };
      const enhancers = { interceptors: [ClassSerializerInterceptor] };

      @Module({
        imports: [
          AerieModule.forRoot(fromEnvironment(common), { enhancers }),
          AerieModule.forRoot(fromEnvironment(billing), { endpoint: 'billing' }),
        ],
        providers: [
          BareTools,
          BillingTools,
          { provide: APP_INTERCEPTOR, useClass: ClassSerializerInterceptor },
        ],
      })
      class CompanyModule {}
      return NestFactory.create<NestExpressApplication>(CompanyModule, {
        logger: false,
        abortOnError: false,
      });
    });
    const texts = [
      (await aerie.as({}).callTool('payer')).text,
      (await aerie.as({}, { endpoint: 'billing' }).callTool('payer')).text,
    ];
    const catalogs = aerie.application.get(CatalogService, { strict: false, each: true });
    await aerie.close();
    expect(texts).toEqual(['{"name":"alice"}', '{"name":"alice","passwordHash":"hash-of-alice"}']);
    const warnings = catalogs.flatMap((catalog) => catalog.warnings);
    expect(warnings.filter((warning) => warning.includes('@Exclude()'))).toEqual([
      WARNING.replace('BareTools', 'BillingTools'),
    ]);
  });

  it('has its effect where the class has the interceptor itself', async () => {
    const aerie = await AerieTest.create({ providers: TOOLS }).compile();
    for (const tool of ['serialized', 'method']) {
      expect((await aerie.as({}).callTool(tool)).text).toBe('{"name":"alice"}');
    }
    await aerie.close();
  });
});
