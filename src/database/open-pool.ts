import { Logger } from '@nestjs/common';
import { Pool } from 'pg';

/** Timeout for opening a connection, and for waiting until one is free. */
const CONNECT_TIMEOUT_MS = 5_000;
const IDLE_TIMEOUT_MS = 30_000;

/**
 * Creates a pool that connects on demand and survives the loss of the server.
 *
 * @param queryTimeoutMs timeout of each query; undefined for none
 */
export function openPool(url: string, size: number, queryTimeoutMs?: number): Pool {
  const pool = new Pool({
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
