import { Logger } from '@nestjs/common';
import { Client, Pool } from 'pg';

/** Timeout for opening a connection, and for waiting until one is free. */
const CONNECT_TIMEOUT_MS = 5_000;
const IDLE_TIMEOUT_MS = 30_000;

/**
 * Fails to connect where `Client` throws, such as for a certificate that cannot be read any more. The pool also creates
 * clients in callbacks of sockets, where nothing would catch the error.
 */
const LateFailingClient = new Proxy(Client, {
  construct: (target, [config]: ConstructorParameters<typeof Client>) => {
    try {
      return new target(config);
    } catch (error) {
      const connect = (done: (error: unknown) => void): void => process.nextTick(done, error);
      return Object.assign(new target({}), { connect });
    }
  },
});

/**
 * Creates a pool that connects on demand and survives the loss of the server.
 *
 * @param queryTimeoutMs timeout of each query; undefined for none
 */
export function openPool(url: string, size: number, queryTimeoutMs?: number): Pool {
  const pool = new Pool({
    Client: LateFailingClient,
    connectionString: url,
    max: size,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    keepAlive: true,
    pipeline: true,
    query_timeout: queryTimeoutMs,
    application_name: 'aerie',
  });
  // Without a listener, the loss of an idle connection would end the process.
  pool.on('error', ({ message }) => new Logger('Database').debug(`An idle connection was lost: ${message}`));
  return pool;
}
