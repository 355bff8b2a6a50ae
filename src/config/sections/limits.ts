import { count, countUpTo, onOff, rate, size } from '../formats.js';
import { section, variable } from '../variable.js';

/** Number of the largest bodies that fit the memory of a caller by default. */
export const BODIES_PER_CALLER = 16;

export const limits = section(
  'Limits',
  {
    RATE_LIMIT_CALLER: variable({
      schema: rate,
      default: '120/min',
      description: 'calls per caller, through all its clients',
      remedy: 'Use a rate such as 120/min (s, min or h), or "off".',
    }),
    RATE_LIMIT_ORGANIZATION: variable({
      schema: rate,
      default: '1200/min',
      description: 'calls per organization',
      remedy: 'Use a rate such as 1200/min (s, min or h), or "off".',
    }),
    RATE_LIMIT_TOOL: variable({
      schema: rate,
      default: 'off',
      description: 'calls per caller and tool, unless the tool sets its own `rateLimit`',
      remedy: 'Use a rate such as 60/min (s, min or h), or "off".',
      example: '60/min',
    }),
    RATE_LIMIT_INVALID_TOKENS: variable({
      schema: rate,
      default: '30/min',
      description: 'invalid tokens per address (IPv6: per /64)',
      remedy: 'Use a rate such as 30/min (s, min or h), or "off".',
    }),
    RATE_LIMIT_EXACT: variable({
      schema: onOff,
      default: 'off',
      description:
        'with `on`, Redis counts every call. With `off`, an instance [leases points](configuration.md#limits) of limits of 200 or more while it uses at least four per second. Leases save round trips, and can refuse a caller up to 1 % below the limit',
      remedy: 'Use on or off.',
    }),
    MAX_CALLS_IN_FLIGHT: variable({
      schema: count,
      default: '1000',
      description:
        'concurrent calls per process; beyond it, 503. As many more calls can [wait for their clients](transports.md#requests-to-the-client)',
      remedy: 'Use a number such as 1000.',
    }),
    MAX_CALLS_IN_FLIGHT_PER_ORGANIZATION: variable({
      schema: count,
      default: '200',
      description: 'concurrent calls per organization; beyond it, 429',
      remedy: 'Use a number such as 200.',
    }),
    MAX_CALLS_IN_FLIGHT_PER_CALLER: variable({
      schema: count,
      default: '100',
      description: 'concurrent calls per caller; beyond it, 429',
      remedy: 'Use a number such as 100.',
    }),
    MAX_STUCK_PERCENT_PER_TOOL: variable({
      schema: countUpTo(100),
      default: '20',
      description:
        'percentage of the concurrent calls, in total and per organization, that one tool can occupy long after their deadline; beyond it, that tool returns 503',
      remedy: 'Use a percentage from 1 to 100, such as 20.',
    }),
    MAX_BODY_BYTES: variable({
      schema: size,
      otherwise: '64 × `BODY_LIMIT`',
      description:
        'memory for large requests in progress, from the first byte of the body until the response is read; beyond it, 503',
      remedy: 'Use a size such as 64mb, or leave it unset for 64 times BODY_LIMIT.',
      example: '64mb',
    }),
    MAX_BODY_BYTES_PER_CALLER: variable({
      schema: size,
      otherwise: '16 × `BODY_LIMIT`',
      description: 'memory for large requests in progress per caller; beyond it, 429',
      remedy: 'Use a size such as 16mb, or leave it unset for 16 times BODY_LIMIT.',
      example: '16mb',
    }),
    MAX_LISTENERS: variable({
      schema: count,
      default: '10000',
      description:
        'open streams of `subscriptions/listen` per process; beyond it, a larger organization gives one up, else 503. `MAX_SESSIONS` limits those of sessions',
      remedy: 'Use a number such as 10000.',
    }),
    MAX_LISTENERS_PER_CALLER: variable({
      schema: count,
      default: '50',
      description: 'open streams of `subscriptions/listen` per caller; beyond it, 429',
      remedy: 'Use a number such as 50.',
    }),
    MAX_KEPT_BYTES: variable({
      schema: size,
      default: '32mb',
      description: 'memory for the URIs to which listeners and sessions subscribe; beyond it, 503',
      remedy: 'Use a size such as 32mb.',
    }),
    MAX_KEPT_BYTES_PER_CALLER: variable({
      schema: size,
      default: '4mb',
      description: 'memory per caller for the URIs to which listeners and sessions subscribe; beyond it, 429',
      remedy: 'Use a size such as 4mb.',
    }),
  },
  (values, bodyLimit: number) =>
    ({
      /** Limits on calls; an undefined rate means no limit. */
      limits: {
        caller: values.RATE_LIMIT_CALLER ?? undefined,
        organization: values.RATE_LIMIT_ORGANIZATION ?? undefined,
        /** Rate per caller and tool. */
        tool: values.RATE_LIMIT_TOOL ?? undefined,
        /** Rate of invalid tokens per address. */
        invalidTokens: values.RATE_LIMIT_INVALID_TOKENS ?? undefined,
        /** Whether Redis counts every call, without leases. */
        isExact: values.RATE_LIMIT_EXACT === 'on',
        /** Maximum number of concurrent calls in one instance. */
        inFlight: {
          instance: values.MAX_CALLS_IN_FLIGHT,
          organization: values.MAX_CALLS_IN_FLIGHT_PER_ORGANIZATION,
          caller: values.MAX_CALLS_IN_FLIGHT_PER_CALLER,
        },
        /** Maximum share of the concurrent calls that stuck calls of one tool may occupy. */
        stuckShare: values.MAX_STUCK_PERCENT_PER_TOOL / 100,
        /** Maximum memory for the bodies and unread responses of requests in progress, bytes. */
        bodyBytes: {
          instance: values.MAX_BODY_BYTES ?? 64 * bodyLimit,
          caller: values.MAX_BODY_BYTES_PER_CALLER ?? BODIES_PER_CALLER * bodyLimit,
        },
        /** Maximum memory for the resource names of listeners and sessions, bytes. */
        keptBytes: { instance: values.MAX_KEPT_BYTES, caller: values.MAX_KEPT_BYTES_PER_CALLER },
        /** Maximum number of streams that notify listeners of changes in one instance. */
        listeners: { instance: values.MAX_LISTENERS, caller: values.MAX_LISTENERS_PER_CALLER },
      },
    }) as const,
);
