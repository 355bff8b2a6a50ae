import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { Server } from 'node:http';

import { CONFIGURATION, type Configuration } from '../config/configuration.js';

const INTERVAL = 100;

/**
 * Lets a stop end: connections go as soon as their request is answered, and all that are left when the time
 * is over. Node itself waits for them for as long as their clients please.
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
      setInterval(() => server.closeIdleConnections(), INTERVAL),
      setTimeout(() => server.closeAllConnections(), this.configuration.shutdownTimeout),
    ];
  }

  onApplicationShutdown(): void {
    this.#timers.forEach((timer) => clearTimeout(timer));
  }
}
