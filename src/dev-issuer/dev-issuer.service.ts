import { Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { ConfigurationError } from '../config/configuration-error.js';
import { listenProblem } from '../config/listen-problem.js';
import { LOOPBACK_ADDRESS, startDevIssuer, type DevIssuer, type DevIssuerOptions } from './dev-issuer.js';

/** Options of the issuer, and of its place in the application. */
export interface EmbeddedIssuerOptions extends DevIssuerOptions {
  /** Whether the application starts without the issuer if its port is in use; default false. */
  readonly isOptional?: boolean;
}

/** Runs the development issuer while the application runs. Never use it in production. */
export class DevIssuerService implements OnModuleInit, OnApplicationShutdown {
  readonly #logger = new Logger('DevIssuer');
  #issuer: DevIssuer | undefined;

  constructor(private readonly options: EmbeddedIssuerOptions) {}

  async onModuleInit(): Promise<void> {
    const { port, isOptional = false, ...options } = this.options;
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
