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

/** Options of the issuer, and of its place in the application. */
export interface EmbeddedIssuerOptions extends DevIssuerOptions {
  /** Whether the application starts without the issuer if its port is in use; default false. */
  readonly isOptional?: boolean;
}

/** Runs the development issuer while the application runs. */
@Injectable()
export class DevIssuerService implements OnModuleInit, OnApplicationShutdown {
  readonly #logger = new Logger('DevIssuer');
  readonly #options: EmbeddedIssuerOptions | undefined;
  #issuer: DevIssuer | undefined;

  constructor(@Inject(DEV_ISSUER_OPTIONS) options: EmbeddedIssuerOptions | undefined) {
    this.#options = options;
  }

  async onModuleInit(): Promise<void> {
    if (!this.#options) return;
    const { port, isOptional = false, ...options } = this.#options;
    try {
      this.#issuer = await startDevIssuer({
        onServerError: (error) => this.#logger.error(error.message, error.stack),
        ...options,
        port,
      });
    } catch (error) {
      const problem = listenProblem(error, { host: LOOPBACK_ADDRESS, port }, 'DEV_ISSUER_PORT');
      if (problem && isOptional) {
        this.#logger.debug(`Not started: ${problem.variable} ${problem.problem}`);
        return;
      }
      throw problem ? new ConfigurationError([problem]) : error;
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#issuer?.close();
  }
}

/** Factory for the options of {@link DevIssuerModule}. Without options, there is no issuer. */
export type DevIssuerModuleOptions = Pick<
  FactoryProvider<EmbeddedIssuerOptions | undefined>,
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
