import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';

import { z } from 'zod';

import { parsedBy, text } from '../formats.js';
import { parseRedisUrl, type RedisUrl } from '../redis-url.js';
import { section, variable } from '../variable.js';

/** Text of PEM. Line breaks can be written as `\n`. */
export interface Pem<Content> {
  readonly text: string;
  readonly content: Content;
}

const pem = <Content>(read: (text: string) => Content): z.ZodType<Pem<Content>, string> =>
  parsedBy((given) => {
    const lines = given.replaceAll('\\n', '\n');
    try {
      return { text: lines, content: read(lines) };
    } catch {
      return undefined;
    }
  });

const certificate = pem((given) => new X509Certificate(given));
const privateKey = pem((given): KeyObject => createPrivateKey(given));

/** Connection to Redis. */
export interface RedisSettings extends Omit<RedisUrl, 'isEncrypted'> {
  /** User of the Sentinels themselves; undefined for their default user. */
  readonly sentinelUsername: string | undefined;
  /** Password of the Sentinels themselves. */
  readonly sentinelPassword: string | undefined;
  /** Settings of TLS; undefined without TLS. PEM, as texts. */
  readonly tls:
    | {
        readonly ca: string | undefined;
        readonly cert: string | undefined;
        readonly key: string | undefined;
        readonly servername: string | undefined;
      }
    | undefined;
}

export const redis = section(
  'Redis',
  {
    REDIS_URL: variable({
      schema: parsedBy(parseRedisUrl),
      description:
        '[Redis](deploy.md#redis), through which instances share limits and revocations; a single instance needs none. For Sentinels `redis+sentinel://host1,host2/master`, for a Redis Cluster `redis+cluster://host1,host2`, with TLS `rediss`',
      remedy:
        'Use a URL such as redis://redis:6379, rediss://redis:6379, redis+sentinel://sentinel-1,sentinel-2/mymaster or redis+cluster://node-1,node-2, without a query, and with percent-encoded parts.',
      example: 'redis://redis:6379',
      setByContainer: true,
    }),
    REDIS_PASSWORD: variable({
      schema: text,
      otherwise: 'the password in `REDIS_URL`',
      description: 'password of Redis, for the user in `REDIS_URL` or the default user',
      remedy: 'Use the password of Redis.',
      secret: true,
      setByContainer: true,
    }),
    REDIS_SENTINEL_USERNAME: variable({
      schema: text,
      otherwise: 'the default user',
      description: 'ACL user of the Sentinels, whose password is `REDIS_SENTINEL_PASSWORD`',
      remedy: 'Use the name of an ACL user of the Sentinels.',
      example: 'aerie',
    }),
    REDIS_SENTINEL_PASSWORD: variable({
      schema: text,
      description: 'password of the Sentinels, if they have one',
      remedy: 'Use the password of the Sentinels.',
      secret: true,
    }),
    REDIS_TLS_CA: variable({
      schema: certificate,
      otherwise: 'the public authorities',
      description: 'certificate of the authority that has signed those of Redis, in PEM',
      remedy: 'Use certificates in PEM format, as REDIS_TLS_CA_FILE.',
      exampleFile: './secrets/redis-ca.pem',
    }),
    REDIS_TLS_CERTIFICATE: variable({
      schema: certificate,
      description: 'certificate with which the server identifies itself to Redis, in PEM',
      remedy: 'Use a certificate in PEM format, as REDIS_TLS_CERTIFICATE_FILE.',
      exampleFile: './secrets/redis-client.pem',
    }),
    REDIS_TLS_KEY: variable({
      schema: privateKey,
      description: 'private key of `REDIS_TLS_CERTIFICATE`, in PEM',
      remedy: 'Use an unencrypted private key in PEM format, as REDIS_TLS_KEY_FILE.',
      secret: true,
    }),
    REDIS_TLS_SERVER_NAME: variable({
      schema: z.hostname(),
      otherwise: 'the host in `REDIS_URL`',
      description: 'name in the certificates of Redis',
      remedy: 'Use a host name, such as redis.example.com',
      example: 'redis.example.com',
    }),
  },
  (values): { readonly redis: RedisSettings | undefined } => {
    if (!values.REDIS_URL) return { redis: undefined };
    const { isEncrypted, ...url } = values.REDIS_URL;
    return {
      /** Redis in which instances share state; undefined for a single instance. */
      redis: {
        ...url,
        password: values.REDIS_PASSWORD ?? url.password,
        sentinelUsername: values.REDIS_SENTINEL_USERNAME,
        sentinelPassword: values.REDIS_SENTINEL_PASSWORD,
        tls: isEncrypted
          ? {
              ca: values.REDIS_TLS_CA?.text,
              cert: values.REDIS_TLS_CERTIFICATE?.text,
              key: values.REDIS_TLS_KEY?.text,
              servername: values.REDIS_TLS_SERVER_NAME,
            }
          : undefined,
      },
    };
  },
);
