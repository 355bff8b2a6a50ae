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

const INTERVAL_MS = 100;

/** Closes all connections, and reports how many were in use. */
function closeAll(server: Server): void {
  server.getConnections((_error, count) => {
    if (count > 0) {
      new Logger('Shutdown').warn(`SHUTDOWN_TIMEOUT is over. Connections closed during requests: ${count}`);
    }
    server.closeAllConnections();
  });
}

/**
 * Closes connections during shutdown: idle ones repeatedly, and all others at the shutdown timeout. Node itself would
 * wait until clients close them.
 */
@Injectable()
export class ConnectionDrain implements BeforeApplicationShutdown, OnApplicationShutdown {
  #timers: NodeJS.Timeout[] = [];

  constructor(
    private readonly host: HttpAdapterHost,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
  ) {}

  beforeApplicationShutdown(): void {
    const server: Server = this.host.httpAdapter.getHttpServer();
    this.#timers = [
      setInterval(() => server.closeIdleConnections(), INTERVAL_MS),
      setTimeout(() => closeAll(server), this.configuration.shutdownTimeout),
    ];
  }

  onApplicationShutdown(): void {
    this.#timers.forEach((timer) => clearTimeout(timer));
  }
}
