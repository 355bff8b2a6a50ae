import type { PoolClient } from 'pg';

import { PreparedStatements } from './prepared-statements.js';

/** Connection that one process of the server serves until it is closed. */
export interface DirectConnection {
  readonly processId: number;
  readonly prepared: PreparedStatements;
}

const direct = new WeakMap<PoolClient, DirectConnection>();

/**
 * Returns what only a direct connection has; undefined if each transaction may run in another process, as behind a
 * pooler, and as long as no transaction has told; see {@link learnProcess}.
 */
export const directConnection = (client: PoolClient): DirectConnection | undefined => direct.get(client);

/**
 * Learns from a transaction in which process it ran. When it accepts a connection, PostgreSQL names the process. A pooler
 * names none or makes one up, because it chooses a process for each transaction.
 */
export function learnProcess(client: PoolClient, processId: number): void {
  const isDirect = 'processID' in client && client.processID === processId;
  if (!isDirect) direct.delete(client);
  else if (!direct.has(client)) direct.set(client, { processId, prepared: new PreparedStatements() });
}
