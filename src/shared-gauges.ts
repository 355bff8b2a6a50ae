import { Inject, Injectable } from '@nestjs/common';

import { RevocationsService } from './auth/revocation/revocations.service.js';
import { STREAM_BYTES } from './mcp/wire/event-stream.js';
import { Gauges } from './observation/gauges.js';
import type { Redis } from './redis/redis.js';
import { REDIS } from './redis/redis.module.js';

/** Describes by gauges what all endpoints share. */
@Injectable()
export class SharedGauges {
  constructor(gauges: Gauges, revocations: RevocationsService, @Inject(REDIS) redis: Redis | undefined) {
    gauges.add({
      name: 'aerie.revocations',
      unit: '{entry}',
      description: 'Entries of the revocation list',
      read: () => revocations.status.entries,
    });
    gauges.add({
      name: 'aerie.revocations.age',
      unit: 's',
      description: 'Time since the revocation list was loaded',
      read: () => revocations.ageSeconds,
    });
    gauges.add({
      name: 'aerie.streams',
      unit: '{stream}',
      description: 'Open event streams',
      read: () => STREAM_BYTES.running,
    });
    gauges.add({
      name: 'aerie.streams.bytes',
      unit: 'By',
      description: 'Bytes sent on event streams',
      read: () => STREAM_BYTES.sent,
      isTotal: true,
    });
    if (!redis) return;
    gauges.add({
      name: 'aerie.redis.unreachable',
      unit: '{process}',
      description: 'Processes without a connection to Redis',
      read: () => (redis.status === 'ready' ? 0 : 1),
    });
  }
}
