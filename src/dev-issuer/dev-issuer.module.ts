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
import { startDevIssuer, type DevIssuer, type DevIssuerOptions } from './dev-issuer.js';
import { hasErrorCode } from './error-code.js';

const DEV_ISSUER_OPTIONS = Symbol('DEV_ISSUER_OPTIONS');

/** Runs the development issuer for as long as the application runs. */
@Injectable()
export class DevIssuerService implements OnModuleInit, OnApplicationShutdown {
  readonly #logger = new Logger('DevIssuer');
  readonly #options: DevIssuerOptions;
  #issuer: DevIssuer | undefined;

  constructor(@Inject(DEV_ISSUER_OPTIONS) options: DevIssuerOptions) {
    this.#options = options;
  }

  async onModuleInit(): Promise<void> {
    const { port } = this.#options;
    try {
      this.#issuer = await startDevIssuer({
        onServerError: (error) => this.#logger.error(error.message, error.stack),
        ...this.#options,
      });
    } catch (cause) {
      if (!hasErrorCode(cause, 'EADDRINUSE')) throw cause;
      throw new Error(
        `The development issuer cannot listen on 127.0.0.1:${port}: another program uses that port. ` +
          'Stop it, or set DEV_ISSUER_PORT to a free port.',
        { cause },
      );
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#issuer?.close();
  }
}

/** Where the options of {@link DevIssuerModule} come from. */
export type DevIssuerModuleOptions = Pick<FactoryProvider<DevIssuerOptions>, 'inject' | 'useFactory'>;

/** Starts the embedded authorization server with the application. Never part of a production deployment. */
@Module({})
export class DevIssuerModule {
  static registerAsync({ inject = [], useFactory }: DevIssuerModuleOptions): DynamicModule {
    return {
      module: DevIssuerModule,
      providers: [{ provide: DEV_ISSUER_OPTIONS, inject, useFactory }, DevIssuerService],
    };
  }
}
