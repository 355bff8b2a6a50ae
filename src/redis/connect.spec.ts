import { Logger } from '@nestjs/common';

import { freePort } from '../../test/support/ports.js';
import { redisSettings } from '../../test/support/redis.js';
import { until } from '../../test/support/until.js';
import { connect } from './connect.js';

const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

describe('a connection to Redis', () => {
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
