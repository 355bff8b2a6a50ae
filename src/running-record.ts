import type { Server } from 'node:http';

import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';

import { ProtectedResource } from './auth/protected-resource.js';
import { CONFIGURATION, type Configuration } from './config/configuration.js';
import { recordRunningServer } from './process/running-servers.js';
import { systemErrorCode } from './values/system-error-code.js';

/** Lets commands in other terminals find a development server, whose embedded issuer already uses the directory. */
@Injectable()
export class RunningRecord implements OnApplicationBootstrap, OnApplicationShutdown {
  #remove = (): void => {};

  constructor(
    private readonly adapterHost: HttpAdapterHost,
    private readonly resource: ProtectedResource,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
  ) {}

  onApplicationBootstrap(): void {
    const { devIssuer } = this.configuration;
    if (!devIssuer || devIssuer.isOptional) return; // tests are nothing to call
    const server: Server = this.adapterHost.httpAdapter.getHttpServer();
    server.once('listening', () => this.#record(server));
  }

  onApplicationShutdown(): void {
    this.#remove();
  }

  #record(server: Server): void {
    const { devIssuer, stateDirectory, resource } = this.configuration;
    const address = server.address();
    if (!devIssuer || typeof address !== 'object' || !address) return;
    const { port: issuerPort, resourceId } = devIssuer;
    const { signInScopes: signIn, grantableScopes: known } = this.resource;
    try {
      this.#remove = recordRunningServer(stateDirectory, {
        port: address.port,
        url: resource.url,
        resourceId,
        issuerPort,
        scopes: { signIn: [...signIn], known: [...known] },
      });
    } catch (error) {
      new Logger('RunningRecord').warn(
        `Commands in other terminals do not find this server: ${stateDirectory} cannot be written (${systemErrorCode(error)}). Check STATE_DIRECTORY.`,
      );
    }
  }
}
