import { Logger } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';

import { createApplication } from './application.js';
import type { Configuration } from './config/configuration.js';
import { Lifecycle } from './http/lifecycle.js';
import { LOG, type Log } from './logging/log.js';
import { CatalogService } from './mcp/catalog/catalog.service.js';
import { startRecord } from './start-record.js';
import { welcome } from './welcome.js';

/** Signals that come sooner after the first are the same one, milliseconds. */
const REPEAT = 1_000;

/**
 * Serves until a signal says otherwise.
 *
 * SIGTERM or SIGINT: not ready at once; after `SHUTDOWN_DELAY`, which lets a load balancer notice, no new
 * connections; calls in flight finish, for `SHUTDOWN_TIMEOUT` at most; exit 0. A second signal, at least a second
 * later, ends at once: one that is sent to a group of processes may arrive more than once.
 *
 * @param announce whether to tell a person at the terminal where things are
 */
export async function run(configuration: Configuration, announce: boolean): Promise<void> {
  const application = await createApplication(configuration);
  let stoppingSince: number | undefined;
  const onSignal = (): void => {
    if (stoppingSince !== undefined) {
      if (performance.now() - stoppingSince >= REPEAT) process.exit(1);
      return;
    }
    stoppingSince = performance.now();
    void stop(application, configuration.shutdownDelay);
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  await application.listen(configuration.http.port, configuration.http.host);
  if (announce) process.stdout.write(welcome(configuration));
  else {
    const catalog = application.get(CatalogService, { strict: false }).current;
    application.get<Log>(LOG).info(startRecord(configuration, catalog), 'started');
  }
}

async function stop(application: NestExpressApplication, delay: number): Promise<void> {
  try {
    application.get(Lifecycle).beginStop();
    await new Promise((resolve) => setTimeout(resolve, delay));
    await application.close();
    process.exit(0);
  } catch (error) {
    new Logger('Shutdown').error(error);
    process.exit(1);
  }
}
