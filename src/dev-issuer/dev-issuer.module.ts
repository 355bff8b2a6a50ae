import {
  Inject,
  Injectable,
  Logger,
  Module,
  type DynamicModule,
  type FactoryProvider,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { ConfigurationError } from '../config/configuration-error.js';
import { listenProblem } from '../config/listen-problem.js';
import { LOOPBACK_ADDRESS, startDevIssuer, type DevIssuer, type DevIssuerOptions } from './dev-issuer.js';

const DEV_ISSUER_OPTIONS = Symbol('DEV_ISSUER_OPTIONS');

/** Runs the development issuer while the application runs. */
@Injectable()
export class DevIssuerService implements OnModuleInit, OnApplicationShutdown {
  readonly #logger = new Logger('DevIssuer');
  readonly #options: DevIssuerOptions | undefined;
  #issuer: DevIssuer | undefined;

  constructor(@Inject(DEV_ISSUER_OPTIONS) options: DevIssuerOptions | undefined) {
    this.#options = options;
  }

  async onModuleInit(): Promise<void> {
    if (!this.#options) return;
    const { port } = this.#options;
    try {
      this.#issuer = await startDevIssuer({
        onServerError: (error) => this.#logger.error(error.message, error.stack),
        ...this.#options,
      });
    } catch (error) {
      const problem = listenProblem(error, { host: LOOPBACK_ADDRESS, port }, 'DEV_ISSUER_PORT');
      throw problem ? new ConfigurationError([problem]) : error;
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#issuer?.close();
  }
}

/** Factory for the options of {@link DevIssuerModule}. Without options, there is no issuer. */
export type DevIssuerModuleOptions = Pick<
  FactoryProvider<DevIssuerOptions | undefined>,
  'inject' | 'useFactory'
>;

/** Runs the embedded authorization server with the application. Never use it in production. */
@Module({})
export class DevIssuerModule {
  static registerAsync({ inject = [], useFactory }: DevIssuerModuleOptions): DynamicModule {
    return {
      module: DevIssuerModule,
      providers: [{ provide: DEV_ISSUER_OPTIONS, inject, useFactory }, DevIssuerService],
    };
  }
}
