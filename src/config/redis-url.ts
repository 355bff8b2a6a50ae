/** Host and port of a Redis server or a Sentinel. */
export interface RedisNode {
  readonly host: string;
  readonly port: number;
}

/** Parts of a `REDIS_URL`. */
export interface RedisUrl {
  /** Kind of the hosts: Redis servers, Sentinels that know the master, or nodes of a Redis Cluster. */
  readonly kind: 'server' | 'sentinel' | 'cluster';
  readonly isEncrypted: boolean;
  readonly nodes: readonly RedisNode[];
  /** Name of the master that the Sentinels watch. */
  readonly master: string | undefined;
  /** Number of the database. */
  readonly database: number;
  readonly username: string | undefined;
  readonly password: string | undefined;
}

const URL_FORM = /^redis(s?)(?:\+(sentinel|cluster))?:\/\/(?:([^@/?#]*)@)?([^@/?#]+)(?:\/([^?#]*))?$/i;
const NODE_FORM = /^(?:\[([0-9a-f:.]+)\]|([^:[\]\s]+))(?::(\d{1,5}))?$/i;
const DEFAULT_PORT = 6379;
const DEFAULT_SENTINEL_PORT = 26_379;
const MAX_PORT = 65_535;

/**
 * Parses `redis://host:6379/0`, `redis+sentinel://host1,host2/master/0` and `redis+cluster://host1,host2`, with `rediss`
 * for TLS, and a user and password before the first host. Returns undefined for any other text.
 */
export function parseRedisUrl(text: string): RedisUrl | undefined {
  const [, secure = '', mode = '', credentials = '', hosts, path = ''] = URL_FORM.exec(text) ?? [];
  if (hosts === undefined) return undefined;
  const kind = mode === '' ? 'server' : mode.toLowerCase() === 'sentinel' ? 'sentinel' : 'cluster';
  const nodes = hosts.split(',').map((host) => nodeOf(host, kind === 'sentinel'));
  const segments = path === '' ? [] : path.split('/');
  const master = kind === 'sentinel' ? decoded(segments.shift() ?? '') || undefined : undefined;
  const [database = '', ...others] = segments;
  if (others.length > 0 || !/^\d{0,4}$/.test(database)) return undefined;
  const [username = '', ...password] = credentials.split(':');
  return nodes.every((node) => node !== undefined)
    ? {
        kind,
        isEncrypted: secure !== '',
        nodes,
        master,
        database: Number(database),
        username: decoded(username) || undefined,
        password: decoded(password.join(':')) || undefined,
      }
    : undefined;
}

function nodeOf(text: string, isSentinel: boolean): RedisNode | undefined {
  const [, address, name, port] = NODE_FORM.exec(text) ?? [];
  const host = address ?? name;
  const number = port === undefined ? (isSentinel ? DEFAULT_SENTINEL_PORT : DEFAULT_PORT) : Number(port);
  return host !== undefined && number > 0 && number <= MAX_PORT ? { host, port: number } : undefined;
}

/** Returns the text itself if it is not percent-encoded. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
