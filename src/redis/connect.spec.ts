import { createServer } from 'node:net';

import { Logger } from '@nestjs/common';

import { freePort } from '../../test/support/ports.js';
import { redisSettings } from '../../test/support/redis.js';
import { until } from '../../test/support/until.js';
import { listen } from '../values/listen.js';
import { connect } from './connect.js';

/** Number of commands in a message of the protocol of Redis. */
const commandsIn = (data: Buffer): number => data.toString().split(/^\*\d+\r\n/m).length - 1;
const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

describe('a connection to Redis', () => {
  it('is opened again if its server gives no answer for some seconds', async () => {
    jest.spyOn(Logger.prototype, 'error').mockReturnValue();
    let connections = 0;
    const server = createServer((socket) => {
      connections++;
      // Answers the handshake, and nothing after it.
      const isFirst = connections === 1;
      socket
        .on('error', () => {})
        .on('data', (data) => {
          if (isFirst && !data.includes('get'))
            socket.write('$12\r\nredis_mode:x\r\n'.repeat(commandsIn(data)));
        });
    });
    const redis = connect(redisSettings(`redis://127.0.0.1:${await listen(server)}`));
    try {
      await until(() => redis.status === 'ready', 5_000);
      await expect(redis.get('any')).rejects.toThrow('timed out');
      await until(() => connections > 1, 10_000);
    } finally {
      redis.disconnect();
      server.close();
    }
    expect(connections).toBeGreaterThan(1);
  });

  it('reads an answer that arrived while this process was busy for longer than the timeout', async () => {
    const server = createServer((socket) => {
      socket
        .on('error', () => {})
        .on('data', (data) => {
          if (!data.includes('get')) {
            socket.write('$12\r\nredis_mode:x\r\n'.repeat(commandsIn(data)));
            return;
          }
          socket.write('$2\r\nok\r\n');
          const end = performance.now() + 600;
          while (performance.now() < end);
        });
    });
    const redis = connect(redisSettings(`redis://127.0.0.1:${await listen(server)}`));
    try {
      await until(() => redis.status === 'ready', 5_000);
      expect(await redis.get('any')).toBe('ok');
    } finally {
      redis.disconnect();
      server.close();
    }
  });

  it('logs the code of an error without a message, as for a host with several addresses', async () => {
    const error = jest.spyOn(Logger.prototype, 'error').mockReturnValue();
    error.mockClear();
    const redis = connect(redisSettings(`redis://127.0.0.1:${await freePort()}`));
    redis.emit('error', Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }));
    redis.disconnect();
    expect(error.mock.calls).toEqual([['Redis cannot be reached: ECONNREFUSED']]);
  });

  it('logs what the last node of a Cluster answers', async () => {
    const error = jest.spyOn(Logger.prototype, 'error').mockReturnValue();
    error.mockClear();
    const server = createServer((socket) => {
      socket
        .on('error', () => {})
        .on('data', (data) => socket.write('-NOAUTH Authentication required.\r\n'.repeat(commandsIn(data))));
    });
    const redis = connect(redisSettings(`redis+cluster://127.0.0.1:${await listen(server)}`));
    try {
      await until(() => error.mock.calls.length > 0, 5_000);
    } finally {
      redis.disconnect();
      server.close();
    }
    expect(error.mock.calls).toEqual([['Redis cannot be reached: NOAUTH Authentication required.']]);
  });

  it('does not keep the process alive after it is closed, even while Redis is unreachable', async () => {
    jest.spyOn(Logger.prototype, 'error').mockReturnValue();
    const redis = connect(redisSettings(`redis://127.0.0.1:${await freePort()}`));
    try {
      await until(() => redis.status === 'reconnecting', 5_000);
    } finally {
      redis.disconnect();
    }
    const closing = timers();
    await until(() => timers() < closing, 1_000);
    expect(timers()).toBeLessThan(closing);
  });
});
