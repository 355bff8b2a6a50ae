import { Controller, Get } from '@nestjs/common';
import { HealthCheck, type HealthCheckResult, HealthCheckService } from '@nestjs/terminus';

import { Public } from '../auth/public.decorator.js';
import { DatabaseIndicator } from './database.indicator.js';
import { InstanceIndicator } from './instance.indicator.js';
import { RedisIndicator } from './redis.indicator.js';
import { RevocationsIndicator } from './revocations.indicator.js';
import { SigningKeysIndicator } from './signing-keys.indicator.js';

/** For load balancers and orchestrators. */
@Public()
@Controller('health')
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly signingKeys: SigningKeysIndicator,
    private readonly redis: RedisIndicator,
    private readonly database: DatabaseIndicator,
    private readonly instance: InstanceIndicator,
    private readonly revocations: RevocationsIndicator,
  ) {}

  @Get()
  healthy(): { status: 'healthy' } {
    return { status: 'healthy' };
  }

  /** The process answers. */
  @Get('live')
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  /** Callers can be served: 200, else 503, with details. */
  @Get('ready')
  @HealthCheck()
  ready(): Promise<HealthCheckResult> {
    return this.health.check([
      () => this.instance.check(),
      () => this.signingKeys.check(),
      () => this.revocations.check(),
      () => this.redis.check(),
      () => this.database.check(),
    ]);
  }
}
