import { duration, durationUpTo } from '../formats.js';
import { section, variable } from '../variable.js';

export const tokens = section(
  'Tokens and keys',
  {
    TOKEN_CACHE: variable({
      schema: durationUpTo(60_000),
      default: '60s',
      description: 'maximum time for which a verified token is cached; at most `60s`',
      remedy: 'Use a duration of at most 60s.',
    }),
    MAX_TOKEN_LIFETIME: variable({
      schema: duration,
      default: '24h',
      description: 'maximum lifetime of accepted tokens, and retention time of revocations',
      remedy: 'Use a duration such as 24h.',
    }),
    SIGNING_KEYS_MAX_AGE: variable({
      schema: duration,
      default: '10m',
      description: 'age at which signing keys are fetched again',
      remedy: 'Use a duration such as 10m.',
    }),
    SIGNING_KEYS_MAX_STALE: variable({
      schema: duration,
      default: '24h',
      description: 'how long cached signing keys stay valid while the issuer is down',
      remedy: 'Use a duration such as 24h.',
    }),
    SIGNING_KEYS_COOLDOWN: variable({
      schema: duration,
      default: '10s',
      description: 'minimum time between fetches of signing keys after a failure or an unknown key',
      remedy: 'Use a duration such as 10s.',
    }),
  },
  (values) =>
    ({
      signingKeys: {
        /** Age at which keys are fetched again, milliseconds. */
        maxAge: values.SIGNING_KEYS_MAX_AGE,
        /** Age beyond which keys are no longer used, even while the issuer is down, milliseconds. */
        maxStale: values.SIGNING_KEYS_MAX_STALE,
        /** Minimum time between key requests after a failure or for an unknown key, milliseconds. */
        cooldown: values.SIGNING_KEYS_COOLDOWN,
      },
      /** Maximum time that a verified token is cached, milliseconds. */
      tokenCache: values.TOKEN_CACHE,
      /** Maximum lifetime of an accepted token, milliseconds. Revocations need not be kept longer. */
      maxTokenLifetime: values.MAX_TOKEN_LIFETIME,
    }) as const,
);
