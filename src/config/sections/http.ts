import { z } from 'zod';

import { httpUrl } from '../../values/http-url.js';
import { LOOPBACK_HOSTS } from '../../values/loopback.js';
import { count, countUpTo, duration, port, size, text, words } from '../formats.js';
import { section, variable } from '../variable.js';

const origin = httpUrl.refine((url) => new URL(url).origin === url);

/** Suffix of a range other than all addresses. With /0, each client could choose its address, so Express rejects it. */
const NOT_ALL_ADDRESSES = /\/0*[1-9]\d*$/;

const addressOrRange = z.union([
  z.enum(['loopback', 'linklocal', 'uniquelocal']),
  z.ipv4(),
  z.ipv6(),
  z.cidrv4().regex(NOT_ALL_ADDRESSES),
  z.cidrv6().regex(NOT_ALL_ADDRESSES),
]);

export const http = section(
  'HTTP',
  {
    PORT: variable({
      schema: port,
      default: '3002',
      description: 'port to listen on',
      remedy: 'Use a port number, 1 to 65535.',
      setByContainer: true,
    }),
    HOST: variable({
      schema: text,
      otherwise: '`127.0.0.1`, in production `0.0.0.0`',
      description: 'address to listen on',
      remedy: 'Use an address to listen on, such as 127.0.0.1 or 0.0.0.0.',
      example: '127.0.0.1',
      setByContainer: true,
    }),
    ALLOWED_ORIGINS: variable({
      schema: words(z.literal('*').or(origin)),
      otherwise: 'that of the resource; in development also loopback',
      description: 'origins of web pages that may call the endpoint; `*` for every http and https origin',
      remedy:
        'List origins such as https://app.example.com (no path, no trailing slash), separated by commas.',
      example: 'https://app.example.com',
    }),
    ALLOWED_HOSTS: variable({
      schema: words(z.string().regex(/^(\[[0-9a-f:.]+\]|[a-z0-9.-]+)$/i), 1),
      otherwise: 'that of the resource; in development also loopback',
      description: 'accepted host names',
      remedy: 'List host names without scheme or port, such as mcp.example.com, separated by commas.',
      example: 'mcp.example.com',
    }),
    TRUSTED_PROXIES: variable({
      schema: words(addressOrRange),
      description:
        'addresses or ranges of proxies whose `X-Forwarded-*` and `X-Request-Id` headers are trusted',
      remedy:
        'List addresses or ranges such as 172.16.0.0/12, or "loopback", separated by commas. A range of all addresses (/0) would let each client choose its own.',
      example: '172.16.0.0/12',
      setByContainer: true,
    }),
    BODY_LIMIT: variable({
      schema: size,
      default: '1mb',
      description: 'maximum size of a request body',
      remedy: 'Use a size such as 512kb or 1mb.',
    }),
    MAX_JSON_DEPTH: variable({
      schema: countUpTo(1_000),
      default: '64',
      description: 'maximum nesting depth of arrays and objects in a request body; beyond it, 400',
      remedy: 'Use a number from 1 to 1000, such as 64.',
    }),
    REQUEST_TIMEOUT: variable({
      schema: duration,
      default: '30s',
      description: 'timeout for receiving a request',
      remedy: 'Use a duration such as 30s.',
    }),
    MAX_CONNECTIONS: variable({
      schema: count,
      default: '20000',
      description: 'maximum connections per process; further ones are closed at once',
      remedy: 'Use a number such as 20000.',
    }),
  },
  (values, resourceUrl: URL, production: boolean) =>
    ({
      http: {
        port: values.PORT,
        host: values.HOST ?? (production ? '0.0.0.0' : '127.0.0.1'),
        /** Maximum size of a request body, bytes. */
        bodyLimit: values.BODY_LIMIT,
        /** Maximum nesting of arrays and objects in a request body. */
        maxDepth: values.MAX_JSON_DEPTH,
        /** Maximum time for a client to send headers and body, milliseconds. */
        requestTimeout: values.REQUEST_TIMEOUT,
        /** Maximum number of connections; further connections are closed immediately. */
        maxConnections: values.MAX_CONNECTIONS,
        /** Addresses and ranges whose forwarded headers are trusted, in the format of Express's `trust proxy`. */
        trustedProxies: values.TRUSTED_PROXIES ?? [],
      },
      edge: {
        /** Origins whose pages may call the endpoint; `*` allows all. */
        allowedOrigins: values.ALLOWED_ORIGINS ?? [resourceUrl.origin],
        /** Accepted host names of the endpoint, without port. */
        allowedHosts: (
          values.ALLOWED_HOSTS ?? [resourceUrl.hostname, ...(production ? [] : LOOPBACK_HOSTS)]
        ).map((host) => host.toLowerCase()),
        /** Whether pages of any loopback origin and port may call, such as the Inspector. */
        allowLoopback: !production && !values.ALLOWED_ORIGINS,
      },
    }) as const,
);
