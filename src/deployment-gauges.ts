import type { INestApplicationContext } from '@nestjs/common';

import { Database } from './database/database.js';
import { whyUnavailable } from './database/server-state.js';
import { TROUBLES } from './database/unavailable.js';
import { CONNECTION_BYTES } from './http/connection-bytes.js';
import { DROPPED_CONNECTIONS } from './http/dropped-connections.js';
import { OpenFiles } from './http/open-files.js';
import { TURNS } from './limits/turns.js';
import { droppedLinesOf, type Log } from './logging/log.js';
import type { Gauge } from './observation/gauges.js';
import type { ConfigurationReload } from './reload.js';

/** Returns gauges for the parts that only our own deployment has: database, log, connections and turns of its requests. */
export function deploymentGauges(
  application: INestApplicationContext,
  log: Log,
  reload: Pick<ConfigurationReload, 'isRejected'>,
): readonly Gauge[] {
  const database = application.get(Database, { strict: false });
  const files = application.get(OpenFiles, { strict: false });
  return [
    {
      name: 'aerie.requests.waiting',
      unit: '{request}',
      description: 'Requests that wait for their turn',
      read: () => TURNS.waiting,
    },
    {
      name: 'aerie.configuration.rejected',
      unit: '{process}',
      description: 'Processes whose changed configuration is invalid',
      read: () => (reload.isRejected ? 1 : 0),
    },
    {
      name: 'aerie.open_files',
      unit: '{file}',
      description: 'Open files and connections of the process',
      read: () => files.count,
    },
    {
      name: 'aerie.open_files.limit',
      unit: '{file}',
      description: 'Maximum of open files and connections of the process',
      read: () => files.limit,
    },
    {
      name: 'aerie.open_files.utilization',
      unit: '1',
      description: 'Share of the maximum of open files that is used',
      read: () => (files.count === undefined || !files.limit ? undefined : files.count / files.limit),
    },
    {
      name: 'aerie.connections.dropped',
      unit: '{connection}',
      description: 'Connections beyond MAX_CONNECTIONS, which were closed at once',
      read: () => DROPPED_CONNECTIONS.count,
      isTotal: true,
    },
    ...(['receive', 'transmit'] as const).map((direction) => ({
      name: 'aerie.connections.bytes',
      unit: 'By',
      description: 'Bytes received and sent on the connections of the public port',
      attributes: { 'network.io.direction': direction },
      read: () => CONNECTION_BYTES[direction === 'receive' ? 'received' : 'sent'],
      isTotal: true,
    })),
    {
      name: 'aerie.log.dropped_lines',
      unit: '{line}',
      description: 'Lines of the log that could not be written',
      read: () => droppedLinesOf(log),
      isTotal: true,
    },
    ...[...TROUBLES, 'unfit' as const].map((trouble) => ({
      name: 'aerie.database.unavailable',
      unit: '{process}',
      description: 'Processes that cannot use the database, by trouble',
      attributes: { trouble },
      read: () => database.server && Number(whyUnavailable(database.server) === trouble),
    })),
    {
      name: 'aerie.database.waiting',
      unit: '{call}',
      description: 'Calls that wait for a connection to the database',
      read: () => database.server?.waiting,
    },
  ];
}
