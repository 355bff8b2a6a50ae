import { availableParallelism } from 'node:os';

import { z } from 'zod';

import { duration, scope, text } from '../formats.js';
import { section, variable } from '../variable.js';

const processes = z
  .string()
  .regex(/^[1-9]\d{0,2}$/)
  .transform(Number);

export const operation = section(
  'Operation',
  {
    NODE_ENV: variable({
      schema: z.enum(['development', 'test', 'production']),
      default: 'development',
      description:
        'with `production`, URLs must be https, and the embedded issuer and database are not available; the image sets it',
      remedy: 'Use "production" or "development", or leave it unset.',
      setByContainer: true,
    }),
    WORKERS: variable({
      schema: z.literal('auto').or(processes),
      default: '1',
      description: 'processes per instance: a number or `auto`; more than one needs `REDIS_URL`',
      remedy: 'Use "auto" or a number of processes.',
    }),
    LOG_LEVEL: variable({
      schema: z.enum(['debug', 'info', 'warn', 'error', 'silent']),
      default: 'info',
      description: 'minimum level of log lines: `debug`, `info`, `warn`, `error` or `silent`',
      remedy: 'Use debug, info, warn, error or silent.',
    }),
    LOG_CALL_LINES: variable({
      schema: z.enum(['merged', 'separate']),
      default: 'merged',
      description:
        'lines of a request with one call: one line, `merged`, or one for each, `separate`; with `merged` and `AUDIT=stdout`, the audit record can be the only line',
      remedy: 'Use merged or separate.',
    }),
    HEALTH_DETAILS_SCOPE: variable({
      schema: scope,
      otherwise: 'in production nobody, in development anybody',
      description: 'the scope that a token needs to read [the details of readiness](configuration.md#health)',
      remedy: 'Use one scope, such as admin, or leave it unset.',
      example: 'admin',
    }),
    SHUTDOWN_DELAY: variable({
      schema: duration,
      otherwise: 'in production `5s`, else none',
      description: 'how long a stopping instance keeps serving while `/health/ready` returns 503',
      remedy: 'Use a duration such as 5s, or 1ms to stop without a delay.',
      example: '5s',
      setByContainer: true,
    }),
    SHUTDOWN_TIMEOUT: variable({
      schema: duration,
      default: '30s',
      description: 'how long a stopping instance waits for requests in flight',
      remedy: 'Use a duration such as 30s.',
      setByContainer: true,
    }),
    STATE_DIRECTORY: variable({
      schema: text,
      default: '.aerie',
      description:
        'directory for revocations without Redis, the state of the embedded issuer, and the embedded database',
      remedy: 'Use the path of a directory that Aerie can write to.',
      setByContainer: true,
    }),
  },
  (values, withIssuer: boolean) => {
    const production = values.NODE_ENV === 'production';
    return {
      production,
      /** Number of server processes. */
      workers: values.WORKERS === 'auto' ? availableParallelism() : values.WORKERS,
      log: {
        level: values.LOG_LEVEL,
        /** Whether lines contain the issuer of the caller. Set if several issuers are trusted, each with its own subjects. */
        withIssuer,
        /** Whether a request and its only call have a line each. */
        separate: values.LOG_CALL_LINES === 'separate',
      },
      /** Scope that grants access to readiness details. If undefined, nobody has access, except in development. */
      healthDetailsScope: values.HEALTH_DETAILS_SCOPE,
      /** Time between reporting not ready and stopping, milliseconds. */
      shutdownDelay: values.SHUTDOWN_DELAY ?? (production ? 5_000 : 0),
      /** Maximum time that shutdown waits for requests in flight, milliseconds. */
      shutdownTimeout: values.SHUTDOWN_TIMEOUT,
      /** Directory for persistent state: revocations without Redis, and the state of the embedded issuer. */
      stateDirectory: values.STATE_DIRECTORY,
    } as const;
  },
);
