import { setImmediate } from 'node:timers/promises';

import type { Configuration } from '../../config/configuration.js';
import { readConfiguration } from '../../config/read-configuration.js';
import { traceOf } from '../../values/trace-of.js';
import { SETTINGS } from '../../tools/settings.js';
import { principalIssuers } from '../../auth/revocation/issuers.js';
import { type Io, writeJson } from '../terminal/io.js';
import { checkApplication, type Offered } from './check-application.js';
import { checkAudit } from './check-audit.js';
import { checkAuditDirectory } from './check-audit-directory.js';
import { checkDatabase } from './check-database.js';
import { checkIssuerState } from './check-issuer-state.js';
import { checkPorts } from './check-ports.js';
import { checkRedis } from './check-redis.js';
import { type CheckFindings, notesOf, problemsOf, reportOf } from './check-findings.js';

const LIST = new Intl.ListFormat('en-GB'); // without a comma before "and"

/** Options of the command line. */
export interface CheckOptions {
  readonly offline?: boolean;
  readonly json?: true;
}

/** Result of a check. */
interface Verdict {
  readonly warnings: readonly string[];
  readonly errors: readonly Error[];
  /** Unless an error prevents it. */
  readonly complete?: Complete;
}

/** Configuration of a server that would start, and what it offers. */
interface Complete {
  readonly configuration: Configuration;
  readonly offered: Offered;
}

/**
 * Checks whether the server would start with this environment, without serving requests. Prints warnings, then two
 * lines, or every problem.
 *
 * @returns 0 if the server would start, else 1
 */
export async function check({ offline = false, json }: CheckOptions, io: Io): Promise<number> {
  const verdict = await verdictOf(offline);
  if (json) writeJson(io, asJson(verdict));
  else print(verdict, offline, io);
  return verdict.errors.length > 0 ? 1 : 0;
}

async function verdictOf(isOffline: boolean): Promise<Verdict> {
  const stray = new StrayFindings();
  try {
    const configuration = await readConfiguration(SETTINGS);
    const application = await checkApplication(configuration, isOffline);
    const findings = [
      await checkPorts(configuration, isOffline),
      await checkIssuerState(configuration),
      application,
      ...(isOffline
        ? []
        : [
            await checkDatabase(configuration),
            await checkRedis(configuration),
            await checkAudit(configuration),
            await checkAuditDirectory(configuration),
          ]),
      stray,
    ];
    await setImmediate(); // Node.js reports unhandled rejections only after this
    return {
      warnings: [...configuration.warnings, ...findings.flatMap((found) => found.warnings)],
      errors: findings.flatMap((found) => found.errors),
      complete: { configuration, offered: application.offered },
    };
  } catch (error) {
    return { warnings: [], errors: [error instanceof Error ? error : new Error(String(error))] };
  } finally {
    stray.stop();
  }
}

/** Collects unhandled rejections as warnings, which startup would only log, and uncaught exceptions as errors. */
class StrayFindings implements CheckFindings {
  readonly errors: Error[] = [];
  readonly warnings: string[] = [];
  readonly #onRejection = (reason: unknown): void => {
    this.warnings.push(`A promise was rejected and nothing handled it: ${traceOf(reason)}`);
  };
  readonly #onException = (error: Error): void => {
    this.errors.push(error);
  };

  constructor() {
    process.on('unhandledRejection', this.#onRejection);
    process.on('uncaughtException', this.#onException);
  }

  stop(): void {
    process.off('unhandledRejection', this.#onRejection);
    process.off('uncaughtException', this.#onException);
  }
}

function print({ warnings, errors, complete }: Verdict, isOffline: boolean, io: Io): void {
  for (const warning of warnings) io.stderr.write(`Warning: ${warning}\n`);
  if (errors.length > 0) io.stderr.write(`${reportOf(errors)}\n`);
  else if (complete) {
    io.stdout.write(`${summaryOf(complete.configuration, isOffline)}\n${offeredText(complete)}\n`);
  }
}

const asJson = ({ warnings, errors, complete }: Verdict): object => ({
  ok: errors.length === 0,
  problems: errors.flatMap(problemsOf),
  warnings: [...warnings, ...errors.flatMap(notesOf)],
  ...(complete && {
    resource: complete.configuration.resource.url,
    issuers: principalIssuers(complete.configuration),
    ...complete.offered,
    demoTools: complete.configuration.demoTools,
  }),
});

function summaryOf(configuration: Configuration, isOffline: boolean): string {
  const { resource, database, redis, audit } = configuration;
  const skipped = [
    ...(database?.kind === 'server' ? ['database'] : []),
    ...(redis ? ['Redis'] : []),
    ...(audit?.databaseUrl === undefined ? [] : ['audit database']),
    ...(audit?.sinks.some(({ name }) => name === 'file') ? ['audit directory'] : []),
  ];
  const note = isOffline && skipped.length > 0 ? ` (not checked offline: ${LIST.format(skipped)})` : '';
  return `The configuration is complete: ${resource.url}, tokens of ${principalIssuers(configuration).join(' and ')}${note}`;
}

const offeredText = ({ configuration, offered: { tools, resources, prompts } }: Complete): string =>
  `Tools (${tools.length}): ${tools.join(', ') || 'none'}. Resources: ${resources}. Prompts: ${prompts}. ` +
  `Demo tools: ${configuration.demoTools ? 'on' : 'off'}.`;
