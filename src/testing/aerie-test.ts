import type { Server } from 'node:http';

import type { INestApplication, ModuleMetadata } from '@nestjs/common';

import type { AerieOptions } from '../aerie.module.js';
import { openRevocationStorage } from '../auth/revocation/open-revocation-storage.js';
import { CLOCK_MARGIN_MS, revoke, type Selector } from '../auth/revocation/revocation.js';
import { withRevocations } from '../auth/revocation/revocation-document.js';
import { changeDocument } from '../auth/revocation/revocation-storage.js';
import { RevocationsService } from '../auth/revocation/revocations.service.js';
import { CONFIGURATION, type Configuration } from '../config/configuration.js';
import type { Redis } from '../redis/redis.js';
import { REDIS } from '../redis/redis.module.js';
import { providerOf } from '../routes/provider-of.js';
import { LOOPBACK } from '../values/listen.js';
import { type CatalogSnapshot, snapshotOf } from './catalog-snapshot.js';
import { inMemoryFetch } from './in-memory-fetch.js';
import { Overrides } from './overrides.js';
import type { TestCaller } from './test-caller.js';
import { TestClient, type TestClientOptions } from './test-client.js';
import { type EnvironmentOptions, openEnvironment, type TestEnvironment } from './test-environment.js';
import { foreignToken, MemoryIssuer, type TestIssuer } from './test-issuer.js';
import type { TestRedis } from './test-redis.js';
import { testingModule } from './testing-module.js';

export interface AerieTestOptions extends AerieOptions, EnvironmentOptions {
  /** Prepares the application before it starts, such as by `setGlobalPrefix()`. */
  readonly prepare?: (application: INestApplication) => void;
}

/** Endpoint of an application that has several. */
export interface EndpointChoice {
  /** Name of the endpoint; default the default one. */
  readonly endpoint?: string;
}

/** Creates an application that Aerie is part of, and that has not been started. */
export type CreateApplication<Application extends INestApplication = INestApplication> = (
  variables: Readonly<Record<string, string>>,
) => Application | Promise<Application>;

/** Builds the application of a test. */
export class AerieTestBuilder extends Overrides {
  /** @internal */
  constructor(
    private readonly metadata: ModuleMetadata,
    private readonly options: AerieTestOptions,
  ) {
    super();
  }

  /** Starts the application, on a port only with the option `port`. */
  async compile(): Promise<AerieTest> {
    const issuer = new MemoryIssuer(true);
    return AerieTest.run(await openEnvironment(this.options, issuer), async (variables) => {
      const builder = await testingModule(this.metadata, variables, this.options, issuer);
      const module = await this.applyTo(builder).compile();
      const application: INestApplication = module.createNestApplication({ logger: ['error', 'warn'] });
      this.options.prepare?.(application);
      return application;
    });
  }
}

/**
 * Application under test, in memory, with callers whose tokens it accepts.
 *
 * ```ts
 * const aerie = await AerieTest.create({ imports: [BillingModule] }).compile();
 * const alice = aerie.as({ subject: 'alice', organization: 'acme', scopes: ['billing:read'] });
 * expect((await alice.callTool('count_invoices')).text).toBe('3');
 * ```
 */
export class AerieTest<Application extends INestApplication = INestApplication> {
  readonly #clients: TestClient[] = [];

  private constructor(
    /** Application under test. */
    readonly application: Application,
    private readonly environment: TestEnvironment,
    /** Sends a request to the application: in memory, or over HTTP with the option `port`. */
    readonly fetch: typeof globalThis.fetch,
  ) {}

  /**
   * Prepares an application of modules. They may be those of features, or the root module that imports Aerie.
   *
   * @param metadata modules, controllers and providers of the application
   */
  static create(metadata: ModuleMetadata, options: AerieTestOptions = {}): AerieTestBuilder {
    return new AerieTestBuilder(metadata, options);
  }

  /**
   * Starts the application that your own code sets up.
   *
   * @param create gets the variables that the test needs, such as `RESOURCE_URL`
   */
  static async start<Application extends INestApplication>(
    create: CreateApplication<Application>,
    options: EnvironmentOptions = {},
  ): Promise<AerieTest<Application>> {
    return AerieTest.run(await openEnvironment(options, new MemoryIssuer(false)), create);
  }

  /** @internal */
  static async run<Application extends INestApplication>(
    environment: TestEnvironment,
    create: CreateApplication<Application>,
  ): Promise<AerieTest<Application>> {
    const { port, variables } = environment;
    let application: Application | undefined;
    try {
      application = await create(variables);
      if (port === undefined) await application.init();
      else await application.listen(port, LOOPBACK);
      const server: Server = application.getHttpServer();
      return new AerieTest(application, environment, port === undefined ? inMemoryFetch(server) : fetch);
    } catch (error) {
      await application?.close().catch(() => undefined); // the first error is the cause
      await environment.close();
      throw error;
    }
  }

  /** URL of the default endpoint. */
  get url(): string {
    return this.urlOf();
  }

  /** Returns the URL of an endpoint by its name; default the default endpoint. */
  urlOf(endpoint?: string): string {
    return providerOf<Configuration>(this.application, CONFIGURATION, endpoint).resource.url;
  }

  /** Variables of the application. */
  get variables(): Readonly<Record<string, string>> {
    return this.environment.variables;
  }

  /** Authorization server of the test, which fails on demand. */
  get issuer(): TestIssuer {
    return this.environment.issuer;
  }

  /**
   * Connection to Redis, which fails on demand.
   *
   * @throws {Error} without the option `redis`
   */
  get redis(): TestRedis {
    const { redis } = this.environment;
    if (!redis) throw new Error('The test has no Redis. Pass the URL of one with the option "redis".');
    return redis;
  }

  /** Returns a client of this caller. */
  as(caller: TestCaller, { endpoint, ...options }: TestClientOptions & EndpointChoice = {}): TestClient {
    const url = this.urlOf(endpoint);
    const client = new TestClient(url, this.fetch, () => this.environment.issuer.sign(caller, url), options);
    this.#clients.push(client);
    return client;
  }

  /** Returns an access token of this caller. */
  async token(caller: TestCaller, { endpoint }: EndpointChoice = {}): Promise<string> {
    return this.environment.issuer.sign(caller, this.urlOf(endpoint));
  }

  /** Returns a token of this caller that a key unknown to the application has signed. */
  foreignToken(caller: TestCaller): Promise<string> {
    return foreignToken(caller, this.url);
  }

  /** Revokes tokens. Resolves when the application refuses them. */
  async revoke(selector: Selector): Promise<void> {
    const { application } = this;
    const configuration = application.get<Configuration>(CONFIGURATION, { strict: false });
    const redis = application.get<Redis | undefined>(REDIS, { strict: false });
    const storage = openRevocationStorage(configuration, redis);
    const { maxTokenLifetime } = configuration;
    const added = revoke(selector, { maxTokenLifetime, clockMargin: CLOCK_MARGIN_MS });
    await changeDocument(storage, (document) => withRevocations(document, [added]));
    await application.get(RevocationsService, { strict: false }).reload();
  }

  /** Returns everything that an endpoint offers, for a snapshot. */
  catalog({ endpoint }: EndpointChoice = {}): CatalogSnapshot {
    return snapshotOf(this.application, endpoint);
  }

  /** Closes the clients, the application and the issuer. */
  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
    try {
      await this.application.close();
    } finally {
      await this.environment.close();
    }
  }
}
