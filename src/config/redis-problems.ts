import type { ConfigurationProblem } from './configuration-error.js';
import type { Environment } from './environment.js';
import { redis } from './sections/redis.js';

type Name = keyof typeof redis.variables;

const OF_SENTINELS = ['REDIS_SENTINEL_USERNAME', 'REDIS_SENTINEL_PASSWORD'] as const;
const OF_TLS = ['REDIS_TLS_CA', 'REDIS_TLS_CERTIFICATE', 'REDIS_TLS_KEY', 'REDIS_TLS_SERVER_NAME'] as const;

/** Finds settings of Redis that are valid individually but not together. */
export function redisProblems(environment: Environment): ConfigurationProblem[] {
  const { REDIS_URL: url, REDIS_TLS_CERTIFICATE: certificate, REDIS_TLS_KEY: key } = environment;
  const given = (name: Name): boolean => environment[name] !== undefined;
  const found: ConfigurationProblem[] = [];
  const report = (variable: Name, problem: string, remedy: string): void => {
    found.push({ variable, problem, remedy });
  };
  if (!url) {
    for (const name of ['REDIS_PASSWORD', ...OF_SENTINELS, ...OF_TLS] as const) {
      if (given(name)) report(name, 'is set without REDIS_URL.', 'Set REDIS_URL too, or remove it.');
    }
    return found;
  }
  if (url.kind === 'server' && url.nodes.length > 1) {
    report(
      'REDIS_URL',
      'names several hosts.',
      'Begin it with redis+sentinel:// or redis+cluster://, or name one host.',
    );
  }
  if (url.kind === 'sentinel' && url.master === undefined) {
    report(
      'REDIS_URL',
      'names Sentinels, but not the master that they watch.',
      'Add its name as the path, such as redis+sentinel://sentinel-1,sentinel-2/mymaster',
    );
  }
  if (url.kind === 'cluster' && url.database !== 0) {
    report(
      'REDIS_URL',
      `selects database ${url.database}, but a Redis Cluster has only database 0.`,
      'Remove the path.',
    );
  }
  if (url.password !== undefined && given('REDIS_PASSWORD')) {
    report('REDIS_PASSWORD', 'is set, and REDIS_URL has a password too.', 'Remove one of them.');
  }
  for (const name of OF_SENTINELS) {
    if (url.kind !== 'sentinel' && given(name)) {
      report(name, 'is set, but REDIS_URL names no Sentinels.', 'Remove it.');
    }
  }
  if (given('REDIS_SENTINEL_USERNAME') && !given('REDIS_SENTINEL_PASSWORD')) {
    report('REDIS_SENTINEL_PASSWORD', 'is not set, but REDIS_SENTINEL_USERNAME is.', 'Set it too.');
  }
  for (const name of OF_TLS) {
    if (!url.isEncrypted && given(name)) {
      report(name, 'is set, but REDIS_URL does not use TLS.', 'Begin REDIS_URL with rediss, or remove it.');
    }
  }
  if ((certificate === undefined) !== (key === undefined)) {
    report(
      certificate ? 'REDIS_TLS_KEY' : 'REDIS_TLS_CERTIFICATE',
      `is not set, but ${certificate ? 'REDIS_TLS_CERTIFICATE' : 'REDIS_TLS_KEY'} is.`,
      'Set both, or none.',
    );
  } else if (certificate && key && !certificate.content.checkPrivateKey(key.content)) {
    report('REDIS_TLS_KEY', 'is not the key of REDIS_TLS_CERTIFICATE.', 'Use the files of one pair.');
  }
  return found;
}
