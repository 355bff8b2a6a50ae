import { setImmediate } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { ConfigurationError } from '../config/configuration-error.js';
import type { Configuration } from '../config/configuration.js';
import { readConfiguration } from '../config/read-configuration.js';
import { traceOf } from '../values/trace-of.js';
import { SETTINGS } from '../tools/settings.js';
import { checkApplication, type Offered } from './check/check-application.js';
import { checkDatabase } from './check/check-database.js';
import { checkIssuerState } from './check/check-issuer-state.js';
import { checkPorts } from './check/check-ports.js';
import { checkRedis } from './check/check-redis.js';
import { type CheckFindings, reportOf } from './check/check-findings.js';

const USAGE = `Usage: npm run check [-- --offline]

  --offline   check without a network: skip the database and Redis, and only warn about failures of your own
              providers that are not caused by an invalid declaration or setting
`;

/**
 * Checks whether the server would start with this environment, without serving requests. Prints warnings, then two
 * lines with exit code 0, or every problem with exit code 1. A deployment runs it once before it starts instances.
 */
async function main(isOffline: boolean): Promise<number> {
  const stray = watchStrayErrors();
  const configuration = await readConfiguration(SETTINGS);
  const application = await checkApplication(configuration, isOffline);
  const findings = [
    await checkPorts(configuration, isOffline),
    await checkIssuerState(configuration),
    application,
    ...(isOffline ? [] : [await checkDatabase(configuration), await checkRedis(configuration)]),
    stray,
  ];
  await setImmediate(); // Node.js reports unhandled rejections only after this
  const warnings = [...configuration.warnings, ...findings.flatMap((found) => found.warnings)];
  for (const warning of warnings) await write(process.stderr, `Warning: ${warning}\n`);
  const errors = findings.flatMap((found) => found.errors);
  if (errors.length > 0) return fail(reportOf(errors));
  await write(
    process.stdout,
    `${summaryOf(configuration, isOffline)}\n${offeredText(application.offered)}\n`,
  );
  return 0;
}

/** Collects unhandled rejections as warnings, which startup would only log, and uncaught exceptions as errors. */
function watchStrayErrors(): CheckFindings {
  const errors: Error[] = [];
  const warnings: string[] = [];
  process.on('unhandledRejection', (reason) => {
    warnings.push(`A promise was rejected and nothing handled it: ${traceOf(reason)}`);
  });
  process.on('uncaughtException', (error) => errors.push(error));
  return { errors, warnings };
}

function summaryOf(configuration: Configuration, isOffline: boolean): string {
  const { resource, scalekit, jwt, database, redisUrl } = configuration;
  const issuers = [...(scalekit ? [scalekit.environmentUrl] : []), ...(jwt?.issuers ?? [])];
  const skipped = [...(database?.kind === 'server' ? ['database'] : []), ...(redisUrl ? ['Redis'] : [])];
  const note = isOffline && skipped.length > 0 ? ` (not checked offline: ${skipped.join(' and ')})` : '';
  return `The configuration is complete: ${resource.url}, tokens of ${issuers.join(' and ')}${note}`;
}

const offeredText = ({ tools, resources, prompts }: Offered): string =>
  `Tools (${tools.length}): ${tools.join(', ') || 'none'}. Resources: ${resources}. Prompts: ${prompts}.`;

async function fail(message: string): Promise<number> {
  await write(process.stderr, `${message}\n`);
  return 1;
}

/** Resolves when the text has been written, so that the process can exit. */
const write = (stream: NodeJS.WriteStream, text: string): Promise<void> =>
  new Promise((resolve) => stream.write(text, () => resolve()));

function isOfflineAsked(): boolean | undefined {
  try {
    return parseArgs({ options: { offline: { type: 'boolean', default: false } } }).values.offline;
  } catch {
    return undefined;
  }
}

async function run(): Promise<number> {
  const isOffline = isOfflineAsked();
  if (isOffline === undefined) return fail(USAGE);
  try {
    return await main(isOffline);
  } catch (error) {
    return fail(error instanceof ConfigurationError ? error.message : traceOf(error));
  }
}

// A timer or connection that a provider left open must not keep the command alive.
process.exit(await run());
