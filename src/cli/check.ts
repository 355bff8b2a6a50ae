import { setImmediate } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { ConfigurationError } from '../config/configuration-error.js';
import type { Configuration } from '../config/configuration.js';
import { readConfiguration } from '../config/read-configuration.js';
import { traceOf } from '../logging/trace-of.js';
import { SETTINGS } from '../tools/settings.js';
import { checkApplication } from './check-application.js';
import { checkDatabase } from './check-database.js';
import { checkIssuerState } from './check-issuer-state.js';
import { checkPorts } from './check-ports.js';
import { checkRedis } from './check-redis.js';
import { type Findings, messageOf } from './findings.js';

const USAGE = `Usage: npm run check [-- --offline]

  --offline   there is no network here: look neither for the database nor for Redis, and only warn where a provider
              of your own fails otherwise than by a faulty declaration or setting
`;

/**
 * Says whether the server would start with this environment, without serving anybody: exit code 0 and one line, or 1
 * and every problem. Warnings come before either. A deployment runs it once, before it starts instances.
 */
async function main(isOffline: boolean): Promise<number> {
  const stray = watchStrayErrors();
  const configuration = await readConfiguration(SETTINGS);
  const findings = [
    await checkPorts(configuration, isOffline),
    await checkIssuerState(configuration),
    await checkApplication(configuration, isOffline),
    ...(isOffline ? [] : [await checkDatabase(configuration), await checkRedis(configuration)]),
    stray,
  ];
  await setImmediate(); // Node.js reports rejected promises only then
  const warnings = [...configuration.warnings, ...findings.flatMap((found) => found.warnings)];
  for (const warning of warnings) await write(process.stderr, `Warning: ${warning}\n`);
  const errors = findings.flatMap((found) => found.errors);
  if (errors.length > 0) return fail(messageOf(errors));
  await write(process.stdout, `${summaryOf(configuration, isOffline)}\n`);
  return 0;
}

/** Finds what a start would only log, and what would end it. */
function watchStrayErrors(): Findings {
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

async function fail(message: string): Promise<number> {
  await write(process.stderr, `${message}\n`);
  return 1;
}

/** Resolves once the text has been handed over, so that the process may end. */
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

// A provider may have left a timer or a connection open, which must not keep the command alive.
process.exit(await run());
