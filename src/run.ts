import { Logger, type ModuleMetadata } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';

import { createApplication } from './application.js';
import { ProtectedResource } from './auth/protected-resource.js';
import type { Configuration } from './config/configuration.js';
import { ConfigurationError } from './config/configuration-error.js';
import { listenProblem } from './config/listen-problem.js';
import { Lifecycle } from './http/lifecycle.js';
import { createLog } from './logging/log.js';
import { CatalogService } from './mcp/catalog/catalog.service.js';
import { StrayErrors } from './process/stray-errors.js';
import { startRecord } from './start-record.js';
import { welcome } from './welcome.js';

/** Signals that come sooner after the first are the same one, milliseconds. */
const REPEAT = 1_000;
/** Time that a failed instance has to close its connections to others, milliseconds. */
const CLOSE_TIMEOUT_MS = 5_000;

/**
 * Serves until a signal or an error that cannot be attributed to a call ends it.
 *
 * SIGTERM or SIGINT: not ready at once; after `SHUTDOWN_DELAY`, which lets a load balancer notice, no new
 * connections; calls in flight finish, for `SHUTDOWN_TIMEOUT` at most; exit 0. A second signal, at least a second
 * later, ends at once: one that is sent to a group of processes may arrive more than once. After such an error the
 * same happens, and the exit code is 1.
 *
 * @param announce whether to tell a person at the terminal where things are
 * @param further modules that a deployment, or a test, adds
 */
export async function run(
  configuration: Configuration,
  announce: boolean,
  further?: ModuleMetadata['imports'],
): Promise<void> {
  const log = await createLog(configuration);
  let application: NestExpressApplication | undefined;
  let stoppingSince: number | undefined;
  let exitCode = 0;
  const beginStop = (): void => {
    if (!application) process.exit(1); // nothing has been accepted
    stoppingSince = performance.now();
    void stop(application, configuration.shutdownDelay, () => exitCode);
  };
  const onSignal = (): void => {
    if (stoppingSince === undefined) beginStop();
    else if (performance.now() - stoppingSince >= REPEAT) process.exit(1);
  };
  const onError = (): void => {
    if (exitCode !== 0) return;
    exitCode = 1;
    // Nobody watches over a process that ends by itself, so a hook that hangs must not keep it.
    const longest = configuration.shutdownDelay + configuration.shutdownTimeout + CLOSE_TIMEOUT_MS;
    setTimeout(() => process.exit(1), longest).unref();
    if (stoppingSince === undefined) beginStop();
  };
  new StrayErrors(log, onError).watch();
  application = await createApplication(configuration, further, log);
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  await application.init();
  await listen(application, configuration.http);
  const { signInScopes } = application.get(ProtectedResource, { strict: false });
  if (announce) process.stdout.write(welcome(configuration, signInScopes));
  else {
    const catalog = application.get(CatalogService, { strict: false });
    log.info(startRecord(configuration, catalog, signInScopes), 'started');
  }
}

/** @throws {ConfigurationError} when the settings do not let it listen */
async function listen(
  application: NestExpressApplication,
  address: Pick<Configuration['http'], 'host' | 'port'>,
): Promise<void> {
  try {
    await application.listen(address.port, address.host);
  } catch (error) {
    const problem = listenProblem(error, address);
    throw problem ? new ConfigurationError([problem]) : error;
  }
}

async function stop(
  application: NestExpressApplication,
  delay: number,
  exitCode: () => number,
): Promise<void> {
  try {
    application.get(Lifecycle).beginStop();
    await new Promise((resolve) => setTimeout(resolve, delay));
    await application.close();
    process.exit(exitCode());
  } catch (error) {
    new Logger('Shutdown').error(error);
    process.exit(1);
  }
}
