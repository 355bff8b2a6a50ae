import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { Server } from 'node:http';

import { CONFIGURATION, type Configuration } from '../config/configuration.js';
import type { HttpAdapter } from './http-adapter.js';

const INTERVAL_MS = 100;

/**
 * Closes connections during shutdown: idle ones repeatedly, and all others at the shutdown timeout. Node itself would
 * wait until clients close them.
 */
@Injectable()
export class ConnectionDrain implements BeforeApplicationShutdown, OnApplicationShutdown {
  #timers: NodeJS.Timeout[] = [];

  constructor(
    private readonly host: HttpAdapterHost<HttpAdapter>,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
  ) {}

  beforeApplicationShutdown(): void {
    const server: Server = this.host.httpAdapter.getHttpServer();
    this.#timers = [
      setInterval(() => server.closeIdleConnections(), INTERVAL_MS),
      setTimeout(() => this.#closeAll(server), this.configuration.shutdownTimeout),
    ];
  }

  onApplicationShutdown(): void {
    this.#timers.forEach((timer) => clearTimeout(timer));
  }

  #closeAll(server: Server): void {
    const { busyConnections } = this.host.httpAdapter;
    if (busyConnections > 0) {
      new Logger('Shutdown').warn(`SHUTDOWN_TIMEOUT is over. Requests cut off: ${busyConnections}`);
    }
    server.closeAllConnections();
  }
}
