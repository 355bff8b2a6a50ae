import { Logger } from '@nestjs/common';
import { Pool } from 'pg';

/** Longest time that a connection may take, or that somebody waits until one is free, milliseconds. */
const CONNECTING = 5_000;
/** After this time, milliseconds, a connection that nobody uses is closed. */
const IDLE = 30_000;

/**
 * A pool that survives the loss of the server: connections are made when they are wanted.
 *
 * @param patience longest time that an answer may take, milliseconds; undefined: any
 */
export function openPool(url: string, size: number, patience?: number): Pool {
  const pool = new Pool({
    connectionString: url,
    max: size,
    connectionTimeoutMillis: CONNECTING,
    idleTimeoutMillis: IDLE,
    keepAlive: true,
    query_timeout: patience,
    application_name: 'aerie',
  });
  // A connection that nobody was using broke. Without a listener, that would end the process.
  pool.on('error', ({ message }) => new Logger('Database').debug(`A connection was lost: ${message}`));
  return pool;
}
