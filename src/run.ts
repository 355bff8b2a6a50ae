import { Logger, type ModuleMetadata } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';

import type { Audit } from './audit/start-audit.js';
import { auditOf, recordChanges, recordReloads, reloadAudit } from './audit-of.js';
import { createApplication } from './application.js';
import { ProtectedResource } from './auth/protected-resource.js';
import type { Configuration } from './config/configuration.js';
import { ConfigurationError } from './config/configuration-error.js';
import { openAhead } from './database/open-ahead.js';
import { deploymentGauges } from './deployment-gauges.js';
import { listenProblem } from './config/listen-problem.js';
import { Lifecycle } from './http/lifecycle.js';
import type { Texts } from './config/read-variables.js';
import { Reloads } from './config/reloads.js';
import { createLog, flushed, type Log, setLevel } from './logging/log.js';
import { CatalogService } from './mcp/catalog/catalog.service.js';
import { Gauges } from './observation/gauges.js';
import { holdHangUp, onHangUp } from './process/hang-up.js';
import { onStop } from './process/stop-signals.js';
import { StrayErrors } from './process/stray-errors.js';
import { ConfigurationReload, type ReloadListener, textsOf } from './reload.js';
import { startRecord } from './start-record.js';
import type { Telemetry } from './telemetry/start-telemetry.js';
import { showMetrics, telemetryOf } from './telemetry-of.js';
import { OBSERVERS } from './tools/observers.js';
import { welcome } from './welcome.js';
import { providerOf } from './routes/provider-of.js';
import { settledWithin } from './values/within.js';
import { onSupervisorLost } from './worker-channel.js';

/** Time after the first signal during which further signals count as duplicates. */
const REPEAT_WINDOW_MS = 1_000;
/** Maximum time for a failed instance to close its outgoing connections. */
const CLOSE_TIMEOUT_MS = 5_000;

interface RunOptions {
  /** Texts of the variables that are in force. */
  readonly texts?: Texts | undefined;
  /** Called with the texts that are in force after a reload. */
  readonly onReloaded?: ((texts: Texts) => void) | undefined;
  /** Modules that a deployment or a test adds. */
  readonly further?: ModuleMetadata['imports'];
}

/**
 * Runs the server until a signal, or an error that belongs to no call, stops it.
 *
 * On SIGTERM or SIGINT, the instance immediately reports not ready. After `SHUTDOWN_DELAY`, which gives load balancers
 * time to notice, it accepts no new connections. Calls in flight may finish within `SHUTDOWN_TIMEOUT`. The exit code is
 * 0. Until the application exists, the instance only closes its audit trail. A second signal at least one second later
 * exits immediately. Earlier ones are ignored, because a signal to a process group may arrive more than once. An error
 * that belongs to no call starts the same shutdown with exit code 1.
 *
 * SIGHUP reloads the configuration in production.
 *
 * @param announce whether to print the welcome text for a person at the terminal
 */
export async function run(
  configuration: Configuration,
  announce: boolean,
  { texts = textsOf(process.env), onReloaded, further }: RunOptions = {},
): Promise<void> {
  let telemetry: Telemetry | undefined;
  const log = await createLog(
    configuration,
    configuration.telemetry.tracesUrl === undefined ? undefined : () => telemetry?.logFields?.() ?? {},
  );
  telemetry = await telemetryOf(configuration, log);
  let starting: Promise<Audit | undefined> | undefined;
  let application: NestExpressApplication | undefined;
  let reload: ConfigurationReload | undefined;
  let stoppingSince: number | undefined;
  let stopping: Promise<never> | undefined;
  let exitCode = 0;
  // Otherwise, its chain would look like one whose end somebody has removed.
  const closeAudit = async (): Promise<void> => (await starting)?.close();
  const beginStop = (): void => {
    stoppingSince = performance.now();
    reload?.stop();
    const ends = [closeAudit, telemetry?.stop];
    stopping = stop(application, configuration.shutdownDelay, log, ends, () => exitCode);
  };
  const onSignal = (): void => {
    if (stoppingSince === undefined) beginStop();
    else if (performance.now() - stoppingSince >= REPEAT_WINDOW_MS) process.exit(1);
  };
  // No supervisor waits for this exit, so a hanging hook must not keep the process alive.
  const stopAlone = (): void => {
    const longest = configuration.shutdownDelay + configuration.shutdownTimeout + CLOSE_TIMEOUT_MS;
    setTimeout(() => process.exit(1), longest).unref();
    if (stoppingSince === undefined) beginStop();
  };
  const onError = (): void => {
    if (exitCode !== 0) return;
    exitCode = 1;
    stopAlone();
  };
  new StrayErrors(log, onError).watch();
  if (configuration.production) holdHangUp();
  else onHangUp(undefined); // in development, it means that the terminal was closed
  onStop(onSignal);
  onSupervisorLost(stopAlone);
  starting = auditOf(configuration, log);
  const audit = await starting;
  try {
    application = await createApplication(configuration, further, log, [
      ...OBSERVERS,
      ...(telemetry?.observers ?? []),
      ...(audit ? [audit.observer] : []),
    ]);
    await stopping; // without this application, which has accepted no request
    await application.init();
    if (audit) recordChanges(application, audit, texts);
    reload = await reloadOf(application, texts, log, audit, onReloaded);
    if (configuration.production) onHangUp(() => void reload?.reload());
    const gauges = application.get(Gauges, { strict: false });
    [...deploymentGauges(application, log, reload), ...(audit?.gauges ?? [])].forEach((gauge) =>
      gauges.add(gauge),
    );
    telemetry?.observe(gauges);
    await listen(application, configuration.http);
    if (telemetry) await showMetrics(configuration, telemetry);
    const { signInScopes } = providerOf(application, ProtectedResource);
    if (announce) {
      await flushed(log);
      process.stdout.write(welcome(configuration, signInScopes));
    } else {
      const catalog = providerOf(application, CatalogService);
      log.info(startRecord(configuration, catalog, signInScopes), 'started');
    }
    openAhead(application);
  } catch (error) {
    await stopping; // which may be what has failed the start
    // It may already serve calls, which need their records.
    await settledWithin(CLOSE_TIMEOUT_MS, application?.close() ?? Promise.resolve());
    await audit?.close();
    throw error;
  }
}

/** Starts to reload the configuration when it changes. */
async function reloadOf(
  application: NestExpressApplication,
  texts: Texts,
  log: Log,
  audit: Audit | undefined,
  onReloaded: (texts: Texts) => void = () => {},
): Promise<ConfigurationReload> {
  const reloads = application.get(Reloads, { strict: false });
  reloads.on(['LOG_LEVEL'], (next) => setLevel(log, next.log.level));
  if (audit) reloadAudit(reloads, audit);
  const record: ReloadListener = audit ? recordReloads(audit) : () => {};
  const reload = new ConfigurationReload(reloads, texts, (outcome, variables, inForce) => {
    record(outcome, variables, inForce);
    onReloaded(inForce);
  });
  await reload.start();
  return reload;
}

/** @throws {ConfigurationError} when the settings prevent the server from listening */
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

/** @param application undefined before it could accept a request */
async function stop(
  application: NestExpressApplication | undefined,
  delay: number,
  log: Log,
  ends: readonly ((() => Promise<void>) | undefined)[],
  exitCode: () => number,
): Promise<never> {
  try {
    if (application) {
      application.get(Lifecycle).beginStop();
      await new Promise((resolve) => setTimeout(resolve, delay));
      await application.close();
    }
    for (const end of ends) await end?.();
    await flushed(log);
    return process.exit(exitCode());
  } catch (error) {
    new Logger('Shutdown').error(error);
    await flushed(log);
    return process.exit(1);
  }
}
