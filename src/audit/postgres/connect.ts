import { Client } from 'pg';

const CONNECT_TIMEOUT_MS = 5_000;

/**
 * Opens a connection.
 *
 * @param queryTimeoutMs timeout of each query; undefined for none
 * @param onLost called when the connection is lost
 */
export async function connect(
  url: string,
  queryTimeoutMs: number | undefined,
  onLost: (client: Client) => void,
): Promise<Client> {
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: queryTimeoutMs,
    keepAlive: true,
    application_name: 'aerie-audit',
  });
  // Without a listener, the loss of an idle connection would end the process.
  client.on('error', () => onLost(client));
  await client.connect();
  return client;
}

/** Closes a connection, also one whose server does not answer. */
export function disconnect(client: Client): Promise<void> {
  return client.end().catch(() => undefined);
}
