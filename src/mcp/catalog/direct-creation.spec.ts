import {
  type CanActivate,
  forwardRef,
  type INestApplicationContext,
  Inject,
  Injectable,
  Module,
  Optional,
  type Provider,
  Scope,
  type Type,
  UseGuards,
} from '@nestjs/common';
import {
  type ContextId,
  ContextIdFactory,
  INQUIRER,
  ModuleRef,
  ModulesContainer,
  NestFactory,
  REQUEST,
} from '@nestjs/core';
import type { NestApplicationContextOptions } from '@nestjs/common/internal';

import { directCreation } from './direct-creation.js';

const PerRequest = (): ClassDecorator => Injectable({ scope: Scope.REQUEST });
const scope = Scope.REQUEST;

/** Number of visits so far. */
let created = 0;

@Injectable()
class Clock {}

@PerRequest()
class Visit {
  readonly number = ++created;

  constructor(
    @Inject(REQUEST) readonly request: object,
    readonly clock: Clock,
  ) {}
}

@Injectable({ scope: Scope.TRANSIENT })
class Label {}

@PerRequest()
class VisitGuard implements CanActivate {
  constructor(readonly visit: Visit) {}

  canActivate(): boolean {
    return true;
  }
}

type Instrumented = Pick<NestApplicationContextOptions, 'instrument'>;

const started: INestApplicationContext[] = [];
afterEach(() => Promise.all(started.splice(0).map((application) => application.close())));

/** Starts an application, and returns both ways to create an instance of `root`. */
async function start(root: Type<object>, providers: Provider[] = [], options: Instrumented = {}) {
  @Module({ providers: [Clock, Visit, Label, root, ...providers] })
  class TestModule {}
  const application = await NestFactory.createApplicationContext(TestModule, { ...options, logger: false });
  const module = [...application.get(ModulesContainer).values()].find(
    ({ metatype }) => metatype === TestModule,
  );
  started.push(application);
  const wrapper = module?.getProviderByKey<object>(root);
  const own = module?.getProviderByKey<ModuleRef>(ModuleRef).instance;
  if (!wrapper || !own) throw new Error('The provider is missing from the module.');
  return {
    injectables: module.injectables,
    direct: directCreation(wrapper, own),
    nest: (contextId: ContextId, token: Type | string = root): Promise<object> =>
      own.resolve<object>(token, contextId, { strict: true }),
    context: (): ContextId => {
      const contextId = ContextIdFactory.create();
      own.registerRequestByContextId({ url: '/mcp' }, contextId);
      return contextId;
    },
  };
}

beforeEach(() => {
  created = 0;
});

describe('directCreation creates what NestJS creates', () => {
  @Injectable()
  class ByConstructor {
    constructor(
      readonly visit: Visit,
      readonly clock: Clock,
    ) {}
  }

  class Inherited extends ByConstructor {}

  @Injectable()
  class ByProperty {
    @Inject() readonly visit!: Visit;
    @Inject() readonly clock!: Clock;
    @Inject('nothing') readonly kept = 'default';
  }

  @PerRequest()
  class Options {
    constructor(
      @Optional() readonly visit: Visit,
      @Inject('alias') readonly alias: Visit,
      @Inject('alias of the alias') readonly far: Visit,
    ) {}
  }

  @Injectable()
  class OverFactories {
    constructor(
      @Inject('url') readonly url: string,
      @Inject('other class') readonly inherited: Inherited,
      @Inject('nothing') readonly nothing: null,
    ) {}
  }

  @PerRequest()
  class Guarded {
    constructor(readonly visit: Visit) {}

    @UseGuards(VisitGuard)
    run(): void {}
  }

  const providers: Provider[] = [
    { provide: 'alias', useExisting: Visit },
    { provide: 'alias of the alias', useExisting: 'alias' },
    {
      provide: 'url',
      scope,
      inject: [REQUEST, { token: Clock, optional: true }],
      useFactory: (r: Request) => r.url,
    },
    { provide: 'other class', useClass: Inherited },
    { provide: 'nothing', scope, useFactory: () => null },
  ];

  it.each([[ByConstructor], [Inherited], [ByProperty], [Options], [OverFactories], [Guarded]])(
    'for %p',
    async (root) => {
      const { direct, nest, context } = await start(root, providers);
      const one = direct(context());
      created = 0;
      expect(one).toBeInstanceOf(root);
      expect(one).toEqual(await nest(context()));
    },
  );

  it('once per request, for NestJS too', async () => {
    const { direct, nest, context } = await start(Options, providers);
    const first = context();
    const one = direct(first);
    expect(direct(first)).toBe(one);
    expect(await nest(first)).toBe(one);
    expect(await nest(first, Visit)).toBe(one && 'visit' in one ? one.visit : undefined);
    expect(created).toBe(1);

    const second = context();
    const visit = await nest(second, Visit);
    expect(direct(second)).toMatchObject({ visit, alias: visit, far: visit });
    expect(created).toBe(2);
  });

  it('including the guards of the provider’s methods', async () => {
    const { direct, context, injectables } = await start(Guarded);
    const contextId = context();
    direct(contextId);
    expect(injectables.get(VisitGuard)?.getInstanceByContextId(contextId)).toMatchObject({
      instance: { visit: { number: 1 } },
      isConstructorCalled: true,
    });
  });

  it('each before its guards', async () => {
    const order: string[] = [];

    @PerRequest()
    class Ticket {
      constructor() {
        order.push('ticket');
      }

      @UseGuards(forwardingGuard('ticket'))
      check(): void {}
    }

    @PerRequest()
    class Gate {
      constructor(readonly ticket: Ticket) {
        order.push('gate');
      }

      @UseGuards(forwardingGuard('gate'))
      open(): void {}
    }

    function forwardingGuard(token: string): Type<CanActivate> {
      @PerRequest()
      class OverProvider implements CanActivate {
        constructor(@Inject(token) readonly guarded: unknown) {
          order.push(`guard of the ${token}`);
        }

        canActivate(): boolean {
          return true;
        }
      }
      return OverProvider;
    }

    const { direct, nest, context } = await start(Gate, [
      Ticket,
      { provide: 'ticket', useExisting: Ticket },
      { provide: 'gate', useExisting: Gate },
    ]);
    order.length = 0;
    expect(direct(context())).toBeInstanceOf(Gate);
    const directly = order.splice(0);
    await nest(context());
    expect(directly).toEqual(order);
    expect(directly).toEqual(['ticket', 'guard of the ticket', 'gate', 'guard of the gate']);
  });

  it('and fails as the constructor fails, each time', async () => {
    @PerRequest()
    class Failing {
      constructor(readonly visit: Visit) {
        throw new RangeError(`attempt ${++attempts}`);
      }
    }
    let attempts = 0;
    const { direct, nest, context } = await start(Failing);
    const contextId = context();
    expect(() => direct(contextId)).toThrow(new RangeError('attempt 1'));
    await expect(nest(contextId)).rejects.toThrow(new RangeError('attempt 2'));
    expect(() => direct(contextId)).toThrow(new RangeError('attempt 3'));
    expect(created).toBe(1);
  });
});

describe('directCreation leaves the creation to NestJS', () => {
  @PerRequest()
  class OverTransient {
    constructor(
      readonly visit: Visit,
      readonly label: Label,
    ) {}
  }

  @Injectable({ scope: Scope.TRANSIENT })
  class VisitLabel {
    constructor(readonly visit: Visit) {}
  }

  @PerRequest()
  class OverVisitLabel {
    constructor(readonly label: VisitLabel) {}
  }

  @PerRequest()
  class Asker {
    constructor(@Inject(INQUIRER) readonly inquirer: object) {}
  }

  @PerRequest()
  class WithoutOption {
    constructor(
      readonly visit: Visit,
      @Optional() @Inject('missing') readonly missing?: object,
    ) {}
  }

  @PerRequest()
  class WithoutProperty {
    @Optional() @Inject('missing') readonly missing?: object;
  }

  @PerRequest()
  class OverFactoryWithoutOption {
    constructor(@Inject('factory') readonly made: unknown) {}
  }
  const withoutOption: Provider = {
    provide: 'factory',
    scope,
    inject: [Visit, { token: 'missing', optional: true }],
    useFactory: (...injected: unknown[]) => injected,
  };

  @Injectable({ scope: Scope.REQUEST, durable: true })
  class Cache {}

  @PerRequest()
  class OverDurable {
    constructor(readonly cache: Cache) {}
  }

  @PerRequest()
  class Back {
    constructor(@Inject(forwardRef(() => There)) readonly there: unknown) {}
  }

  @PerRequest()
  class There {
    constructor(@Inject(forwardRef(() => Back)) readonly back: unknown) {}
  }

  @PerRequest()
  class Forwarding {
    constructor(@Inject(forwardRef(() => Visit)) readonly visit: Visit) {}
  }

  @PerRequest()
  class OverPromisedValue {
    constructor(
      readonly visit: Visit,
      @Inject('promised') readonly promised: string,
    ) {}
  }

  it.each<[string, Type<object>, Provider[]]>([
    ['a transient provider', OverTransient, []],
    ['a transient provider over a request-scoped one', OverVisitLabel, [VisitLabel]],
    ['INQUIRER', Asker, []],
    ['a missing optional parameter', WithoutOption, []],
    ['a missing optional parameter of a factory', OverFactoryWithoutOption, [withoutOption]],
    ['a missing optional property', WithoutProperty, []],
    ['a durable provider', OverDurable, [Cache]],
    ['a circle', There, [Back]],
    ['a forward reference', Forwarding, []],
    [
      'the promise of a value',
      OverPromisedValue,
      [{ provide: 'promised', useValue: Promise.resolve('value') }],
    ],
  ])('for %s', async (_what, root, providers) => {
    const { direct, nest, context } = await start(root, providers);
    const contextId = context();
    expect(direct(contextId)).toBeUndefined();
    expect(await nest(contextId)).toBeInstanceOf(root);
  });

  it('if instances are decorated', async () => {
    const { direct, context } = await start(VisitGuard, [], {
      instrument: { instanceDecorator: (instance) => instance },
    });
    expect(direct(context())).toBeUndefined();
  });

  it('that NestJS has begun in the same request', async () => {
    const { direct, nest, context } = await start(VisitGuard);
    const contextId = context();
    const begun = nest(contextId);
    expect(direct(contextId)).toBeUndefined();
    const instance = await begun;
    expect(direct(contextId)).toBe(instance);
    expect(created).toBe(1);
  });

  const rejections: [unknown, string][] = [
    [new RangeError('offline'), 'offline'],
    ...[undefined, null, 0, '', false].map((value): [unknown, string] => [value, 'without an error']),
  ];

  describe('from a factory that returns a promise on', () => {
    @PerRequest()
    class OverFactory {
      constructor(
        readonly visit: Visit,
        @Inject('promise') readonly promise: object,
      ) {}
    }
    const connect = jest.fn<Promise<object>, []>();
    const providers: Provider[] = [{ provide: 'promise', scope, useFactory: () => connect() }];
    beforeEach(() => connect.mockReset());

    it('and the factory still runs once per request', async () => {
      const connection = {};
      connect.mockResolvedValue(connection);
      const { direct, nest, context } = await start(OverFactory, providers);
      const contextId = context();
      expect(direct(contextId)).toBeUndefined();
      expect(await nest(contextId)).toMatchObject({ visit: { number: 1 } });
      expect(await nest(contextId, 'promise')).toBe(connection);
      expect(direct(context())).toBeUndefined();
      expect(connect).toHaveBeenCalledTimes(1);
    });

    it.each(rejections)('and its rejection with %p fails the call', async (error, message) => {
      connect.mockRejectedValueOnce(error);
      const { direct, nest, context } = await start(OverFactory, providers);
      const contextId = context();
      expect(direct(contextId)).toBeUndefined();
      await expect(nest(contextId)).rejects.toThrow(message);
      connect.mockResolvedValueOnce({});
      expect(await nest(contextId)).toBeInstanceOf(OverFactory);
    });
  });

  describe('from a constructor that returns', () => {
    const thenables: [string, (value: object) => object][] = [
      ['a promise', async (value) => value],
      [
        'a proxy that hides its `then`',
        (value) =>
          new Proxy(value, {
            get: (target, key) =>
              key === 'then' ? (resolve: (v: object) => void) => resolve(target) : Reflect.get(target, key),
          }),
      ],
    ];

    @PerRequest()
    class Slow {
      @Inject() readonly visit!: Visit;

      constructor() {
        return make();
      }
    }

    @PerRequest()
    class OverSlow {
      constructor(readonly slow: Slow) {}
    }

    let make: () => Slow;

    it.each(thenables)('%s', async (_what, wrap) => {
      // The constructor returns what is no Slow yet.
      const returned: Slow[] = [];
      make = () => {
        const one: Slow = Object(wrap({ ready: true }));
        returned.push(one);
        return one;
      };
      const { direct, nest, context } = await start(Slow);
      returned.length = 0;
      for (let round = 0; round < 2; round++) {
        const contextId = context();
        expect(direct(contextId)).toBeUndefined();
        expect(await nest(contextId)).toMatchObject({ ready: true, visit: { number: round + 1 } });
      }
      expect(returned).toHaveLength(2);
    });

    it('a promise, which a provider that injects it gets when it has settled', async () => {
      const promise = Promise.resolve({ ready: true });
      make = () => Object(promise);
      const { direct, nest, context } = await start(OverSlow, [Slow]);
      const contextId = context();
      expect(direct(contextId)).toBeUndefined();
      expect(await nest(contextId)).toEqual({ slow: promise });
    });

    it.each(rejections)('a promise that rejects with %p', async (error, message) => {
      const rejecting = async (): Promise<never> => {
        throw error;
      };
      make = () => Object(rejecting());
      const { direct, nest, context } = await start(OverSlow, [Slow]);
      const contextId = context();
      expect(direct(contextId)).toBeUndefined();
      await expect(nest(contextId)).rejects.toThrow(message);
    });
  });
});
