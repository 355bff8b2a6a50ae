import { hostname } from 'node:os';

import { z } from 'zod';

import { count, duration, onOff } from '../formats.js';
import { section, variable } from '../variable.js';

/** Name that is valid in a header and as one label of a host name (RFC 1123 §2.1). */
const INSTANCE_NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i;

export const sessions = section(
  'Sessions',
  {
    MCP_SESSIONS: variable({
      schema: onOff,
      default: 'off',
      description: 'with `on`, clients of the 2025 revisions can open [sessions](transports.md)',
      remedy: 'Use "on" or "off", or leave it unset.',
      example: 'on',
    }),
    MCP_SSE: variable({
      schema: onOff,
      default: 'off',
      description: 'with `on`, the server also offers HTTP+SSE of 2024-11-05',
      remedy: 'Use "on" or "off", or leave it unset.',
      example: 'on',
    }),
    SESSION_IDLE_TIMEOUT: variable({
      schema: duration,
      default: '30m',
      description: 'idle timeout of a session',
      remedy: 'Use a duration such as 30m.',
    }),
    MAX_SESSIONS: variable({
      schema: count,
      default: '10000',
      description:
        'maximum sessions per instance; beyond it, a larger organization gives an idle one up, else 503',
      remedy: 'Use a number such as 10000.',
    }),
    MAX_SESSIONS_PER_CALLER: variable({
      schema: count,
      default: '20',
      description: 'maximum sessions per caller and instance; beyond it, an unused session ends, else 429',
      remedy: 'Use a number such as 20.',
    }),
    INSTANCE_NAME: variable({
      schema: z.string().regex(INSTANCE_NAME),
      otherwise: 'the name of the host, or `aerie` if it has other characters',
      description: "prefix of this instance's session ids: letters, digits, hyphens",
      remedy: 'Use at most 63 letters, digits and hyphens, or leave it unset to use the host name.',
      example: 'aerie-1',
      setByContainer: true,
    }),
  },
  (values) =>
    ({
      /** Settings of stateful sessions. */
      sessions: {
        /** Whether the 2025 revisions may open sessions. */
        enabled: values.MCP_SESSIONS === 'on',
        /** Whether the HTTP+SSE endpoints of 2024-11-05 are served. */
        sse: values.MCP_SSE === 'on',
        /** Name of this instance, which is the prefix of its session ids. */
        instance: values.INSTANCE_NAME ?? hostName(),
        /** Maximum idle time of a session, milliseconds. */
        idleTimeout: values.SESSION_IDLE_TIMEOUT,
        /** Maximum number of sessions in this instance. */
        max: values.MAX_SESSIONS,
        /** Maximum number of sessions per caller. */
        maxPerCaller: values.MAX_SESSIONS_PER_CALLER,
      },
    }) as const,
);

/** Returns the host name if it is a valid instance name. */
function hostName(): string {
  const name = hostname();
  return INSTANCE_NAME.test(name) ? name : 'aerie';
}
