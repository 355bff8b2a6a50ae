import { Logger, type ModuleMetadata } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';

import { createApplication } from './application.js';
import { ProtectedResource } from './auth/protected-resource.js';
import type { Configuration } from './config/configuration.js';
import { Lifecycle } from './http/lifecycle.js';
import { LOG, type Log } from './logging/log.js';
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
  const application = await createApplication(configuration, further);
  let stoppingSince: number | undefined;
  let exitCode = 0;
  const beginStop = (): void => {
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
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  new StrayErrors(application.get<Log>(LOG), onError).watch();
  await application.listen(configuration.http.port, configuration.http.host);
  const { signInScopes } = application.get(ProtectedResource, { strict: false });
  if (announce) process.stdout.write(welcome(configuration, signInScopes));
  else {
    const catalog = application.get(CatalogService, { strict: false });
    application.get<Log>(LOG).info(startRecord(configuration, catalog, signInScopes), 'started');
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
