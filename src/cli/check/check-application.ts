import type { ModuleMetadata, OnApplicationBootstrap } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';

import { createApplication } from '../../application.js';
import { RevocationsService } from '../../auth/revocation/revocations.service.js';
import { OWN_KEYS, SCALEKIT } from '../../auth/verifiers.js';
import { ConfigurationError } from '../../config/configuration-error.js';
import type { Configuration } from '../../config/configuration.js';
import { Database } from '../../database/database.js';
import { DatabaseUnavailableError } from '../../database/unavailable.js';
import { CatalogError } from '../../mcp/catalog/catalog-error.js';
import { CatalogService } from '../../mcp/catalog/catalog.service.js';
import type { CheckFindings } from './check-findings.js';
import { collectHookFailures } from './collect-hook-failures.js';
import { collectWarnings } from './collect-warnings.js';
import { providerOf } from '../../routes/provider-of.js';
import { within } from '../../values/within.js';

/** Maximum time for the providers of a deployment to start. */
const START_TIMEOUT_MS = 60_000;

/** Everything that the application offers. */
export interface Offered {
  /** Names of the tools. */
  readonly tools: readonly string[];
  readonly resources: number;
  readonly prompts: number;
}

/** Result of the check of the application. */
export interface ApplicationFindings extends CheckFindings {
  readonly offered: Offered;
}

/**
 * Starts the application, including lifecycle hooks, up to the point where it would listen, and stops it again. Aerie
 * itself does not connect to anything. Providers of a deployment behave as in a real start.
 *
 * @param isOffline whether there is no network, which may be the only cause of a provider's failure
 * @param further modules that a deployment or a test adds
 */
export async function checkApplication(
  configuration: Configuration,
  isOffline = false,
  further?: ModuleMetadata['imports'],
): Promise<ApplicationFindings> {
  const { log, warnings } = collectWarnings();
  const failures = new Set<unknown>();
  let offered: Offered = { tools: [], resources: 0, prompts: 0 };
  let application: NestExpressApplication | undefined;
  const start = async (): Promise<void> => {
    application = await createApplication(alone(configuration), further, log);
    disconnect(application);
    collectHookFailures(application, failures);
    await application.init();
    offered = offeredBy(application);
  };
  try {
    await inTime(start());
  } catch (error) {
    failures.add(error);
  }
  try {
    if (application) await inTime(application.close());
  } catch (error) {
    warnings.push(`The application does not stop cleanly: ${asError(error).message}`);
  }
  const errors: Error[] = [];
  for (const failure of failures) {
    const error = asError(failure);
    if (isVerdict(failure, isOffline)) errors.push(error);
    else warnings.push(`The check cannot determine whether startup would fail: ${error.message}`);
  }
  return { errors, warnings, offered };
}

function offeredBy(application: NestExpressApplication): Offered {
  const { tools, resources, templates, prompts } = providerOf(application, CatalogService).current;
  return {
    tools: tools.map(({ name }) => name),
    resources: resources.length + templates.length,
    prompts: prompts.length,
  };
}

/** Returns the configuration without the parts that only a real start or another check uses, and without warnings, which are only logged. */
const alone = (configuration: Configuration): Configuration => ({
  ...configuration,
  redis: undefined,
  audit: undefined,
  devIssuer: undefined,
  telemetry: { ...configuration.telemetry, metrics: undefined },
  warnings: [],
});

/** Prevents Aerie's own hooks from connecting. Startup does not depend on their results, except for the database. */
function disconnect(application: NestExpressApplication): void {
  const database = application.get(Database);
  database.onModuleInit = () => Promise.resolve();
  database.transaction = () =>
    Promise.reject(new DatabaseUnavailableError('The check does not use the database.'));
  const ofEachEndpoint = { strict: false, each: true } as const;
  const connecting: (Partial<OnApplicationBootstrap> | undefined)[] = [
    application.get(RevocationsService),
    ...application.get<Partial<OnApplicationBootstrap> | undefined>(SCALEKIT, ofEachEndpoint),
    ...application.get<Partial<OnApplicationBootstrap> | undefined>(OWN_KEYS, ofEachEndpoint),
  ];
  for (const provider of connecting) if (provider) provider.onApplicationBootstrap = () => undefined;
}

/** Whether startup would fail too. Without a network, only an invalid declaration or setting certainly fails it. */
function isVerdict(error: unknown, isOffline: boolean): boolean {
  if (error instanceof CatalogError || error instanceof ConfigurationError) return true;
  return !isOffline && !(error instanceof DatabaseUnavailableError) && !(error instanceof TooSlowError);
}

class TooSlowError extends Error {}

const inTime = (work: Promise<void>): Promise<void> =>
  within(
    START_TIMEOUT_MS,
    work,
    () => new TooSlowError(`a provider is not ready after ${START_TIMEOUT_MS / 1_000} s.`),
  );

const asError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)));
