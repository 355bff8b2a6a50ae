import { mkdtempSync } from 'node:fs';
import type { Server } from 'node:http';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { INestApplication, ModuleMetadata } from '@nestjs/common';
import { type OverrideByFactoryOptions, Test, type TestingModuleBuilder } from '@nestjs/testing';

import { AerieModule, type AerieOptions } from '../aerie.module.js';
import { FileRevocations } from '../auth/revocation/file-revocations.js';
import { revoke, type Selector } from '../auth/revocation/revocation.js';
import { withRevocations } from '../auth/revocation/revocation-document.js';
import { changeDocument } from '../auth/revocation/revocation-storage.js';
import { RevocationsService } from '../auth/revocation/revocations.service.js';
import { loadConfiguration } from '../config/load-configuration.js';
import { type CatalogSnapshot, snapshotOf } from './catalog-snapshot.js';
import { inMemoryFetch } from './in-memory-fetch.js';
import { createTestKeys, TEST_ISSUER, type TestCaller, type TestKeys } from './test-caller.js';
import { TestClient, type TestClientOptions } from './test-client.js';

/** URL of the endpoint unless a test listens on a port. Nothing is reachable there. */
const URL_IN_MEMORY = 'http://localhost/mcp';

const HOUR_MS = 3_600_000;

export interface AerieTestOptions extends AerieOptions {
  /** Variables of the configuration, such as `TOOL_TIMEOUT`, in addition to those that the test needs. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Prepares the application before it starts, such as by `setGlobalPrefix()`. */
  readonly prepare?: (application: INestApplication) => void;
}

/** Replacement of a provider. */
export interface Override<Builder> {
  useValue(value: unknown): Builder;
  useClass(type: unknown): Builder;
  useFactory(options: OverrideByFactoryOptions): Builder;
}

/** Builds the application of a test, like the builder of `@nestjs/testing`. */
export class AerieTestBuilder {
  constructor(
    private readonly builder: TestingModuleBuilder,
    private readonly parts: TestParts,
  ) {}

  /** Replaces a provider. */
  overrideProvider(token: unknown): Override<this> {
    const override = this.builder.overrideProvider(token);
    return {
      useValue: (value) => (override.useValue(value), this),
      useClass: (type) => (override.useClass(type), this),
      useFactory: (options) => (override.useFactory(options), this),
    };
  }

  /** Starts the application, without listening on a port. */
  async compile(): Promise<AerieTest> {
    const { options, stateDirectory } = this.parts;
    let application: INestApplication | undefined;
    try {
      const module = await this.builder.compile();
      application = module.createNestApplication({ logger: ['error', 'warn'] });
      options.prepare?.(application);
      await application.init();
      return new AerieTest(application, this.parts);
    } catch (error) {
      await application?.close();
      await rm(stateDirectory, { recursive: true, force: true });
      throw error;
    }
  }
}

/** Keys, folder and options of an {@link AerieTest}. */
interface TestParts {
  readonly keys: TestKeys;
  readonly stateDirectory: string;
  readonly options: AerieTestOptions;
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
export class AerieTest {
  readonly #clients: TestClient[] = [];
  readonly #fetch: typeof fetch;
  #url = URL_IN_MEMORY;

  constructor(
    /** Application under test. */
    readonly application: INestApplication,
    private readonly parts: TestParts,
  ) {
    const server: Server = application.getHttpServer();
    this.#fetch = inMemoryFetch(server);
  }

  /** @param metadata modules, controllers and providers of the application */
  static create(metadata: ModuleMetadata, options: AerieTestOptions = {}): AerieTestBuilder {
    const keys = createTestKeys();
    const stateDirectory = mkdtempSync(join(tmpdir(), 'aerie-test-'));
    const configuration = loadConfiguration({
      NODE_ENV: 'test',
      AUTH_MODE: 'jwt',
      JWT_PUBLIC_KEY: keys.publicKey,
      JWT_ISSUER: TEST_ISSUER,
      RESOURCE_URL: URL_IN_MEMORY,
      STATE_DIRECTORY: stateDirectory,
      RATE_LIMIT_CALLER: 'off',
      RATE_LIMIT_ORGANIZATION: 'off',
      ...options.variables,
    });
    const aerie = AerieModule.forRoot(configuration, options);
    const builder = Test.createTestingModule({ ...metadata, imports: [...(metadata.imports ?? []), aerie] });
    return new AerieTestBuilder(builder, { keys, stateDirectory, options });
  }

  /** URL of the endpoint. */
  get url(): string {
    return this.#url;
  }

  /** Returns a client of this caller. */
  as(caller: TestCaller, options: TestClientOptions = {}): TestClient {
    const client = new TestClient(this.#url, this.fetch, () => this.token(caller), options);
    this.#clients.push(client);
    return client;
  }

  /** Sends a request to the application: in memory, or over HTTP after {@link listen}. */
  get fetch(): typeof fetch {
    return this.#url === URL_IN_MEMORY ? this.#fetch : fetch;
  }

  /** Returns an access token of this caller. */
  token(caller: TestCaller): Promise<string> {
    return this.parts.keys.sign(caller, URL_IN_MEMORY);
  }

  /** Returns a token of this caller that a key unknown to the application has signed. */
  foreignToken(caller: TestCaller): Promise<string> {
    return createTestKeys().sign(caller, URL_IN_MEMORY);
  }

  /** Revokes tokens. Resolves when the application refuses them. */
  async revoke(selector: Selector): Promise<void> {
    const revocations = this.application.get(RevocationsService, { strict: false });
    const storage = new FileRevocations(this.parts.stateDirectory);
    const added = revoke(selector, { maxTokenLifetime: HOUR_MS });
    await changeDocument(storage, (document) => withRevocations(document, [added]));
    await revocations.reload();
  }

  /** Returns everything that the application offers, for a snapshot. */
  catalog(): CatalogSnapshot {
    return snapshotOf(this.application);
  }

  /** Listens on a free port of the loopback interface. Clients created later use HTTP. Returns the endpoint's URL. */
  async listen(): Promise<string> {
    await this.application.listen(0, '127.0.0.1');
    const { port } = new URL(await this.application.getUrl());
    this.#url = `http://127.0.0.1:${port}${new URL(URL_IN_MEMORY).pathname}`;
    return this.#url;
  }

  /** Closes the clients and the application. */
  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
    await this.application.close();
    await rm(this.parts.stateDirectory, { recursive: true, force: true });
  }
}
