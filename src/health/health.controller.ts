import { Controller, Get, Logger } from '@nestjs/common';
import {
  HealthCheck,
  type HealthCheckResult,
  HealthCheckService,
  type HealthIndicatorResult,
  HealthIndicatorService,
} from '@nestjs/terminus';

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
  readonly #logger = new Logger('Health');

  constructor(
    private readonly indicators: HealthIndicatorService,
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
      this.#guarded('instance', () => this.instance.check()),
      this.#guarded('signingKeys', () => this.signingKeys.check()),
      this.#guarded('revocations', () => this.revocations.check()),
      this.#guarded('redis', () => this.redis.check()),
      this.#guarded('database', () => this.database.check()),
    ]);
  }

  /** An indicator that fails itself says nothing about the others: it is degraded, and the log says why. */
  #guarded(
    name: string,
    check: () => HealthIndicatorResult | Promise<HealthIndicatorResult>,
  ): () => Promise<HealthIndicatorResult> {
    return async () => {
      try {
        return await check();
      } catch (error) {
        this.#logger.error(
          `The health indicator ${name} failed.`,
          error instanceof Error ? error.stack : error,
        );
        return this.indicators.check(name).degraded({ failed: true });
      }
    };
  }
}
