import { Controller, Get, Logger, Req, ServiceUnavailableException, UseGuards } from '@nestjs/common';
import {
  HealthCheck,
  type HealthCheckResult,
  HealthCheckService,
  type HealthIndicatorResult,
  HealthIndicatorService,
} from '@nestjs/terminus';
import type { Request } from 'express';

import { Public } from '../auth/public.decorator.js';
import { traceOf } from '../values/trace-of.js';
import { whilePending } from '../values/while-pending.js';
import { AuditIndicator } from './audit.indicator.js';
import { DatabaseIndicator } from './database.indicator.js';
import { HealthDetails, showsDetails } from './health-details.js';
import { InstanceIndicator } from './instance.indicator.js';
import { RedisIndicator } from './redis.indicator.js';
import { RevocationsIndicator } from './revocations.indicator.js';
import { SigningKeysIndicator } from './signing-keys.indicator.js';

const NOT_READY: Pick<HealthCheckResult, 'status'> = { status: 'error' };

/** Health endpoints for load balancers and orchestrators. */
@Public()
@Controller('health')
export class HealthController {
  readonly #logger = new Logger('Health');
  /** Runs one check at a time for all concurrent requests, because the endpoint is public and writes to Redis. */
  readonly #check = whilePending(() => this.#indicate());

  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly health: HealthCheckService,
    private readonly signingKeys: SigningKeysIndicator,
    private readonly redis: RedisIndicator,
    private readonly database: DatabaseIndicator,
    private readonly instance: InstanceIndicator,
    private readonly revocations: RevocationsIndicator,
    private readonly audit: AuditIndicator,
  ) {}

  @Get()
  healthy(): { status: 'healthy' } {
    return { status: 'healthy' };
  }

  /** Liveness: the process responds. Checks no dependencies, so the response time does not depend on them. */
  @Get('live')
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  /** Readiness: 200 if callers can be served, else 503. Includes details for privileged callers. */
  @Get('ready')
  @HealthCheck({ noCache: true, swaggerDocumentation: false }) // otherwise @nestjs/swagger is loaded if it is installed
  @UseGuards(HealthDetails)
  async ready(@Req() request: Request): Promise<Pick<HealthCheckResult, 'status'>> {
    if (showsDetails(request)) return this.#check();
    const { status } = await this.#check().catch((error: unknown) => {
      throw error instanceof ServiceUnavailableException ? new ServiceUnavailableException(NOT_READY) : error;
    });
    return { status };
  }

  #indicate(): Promise<HealthCheckResult> {
    return this.health.check([
      this.#guarded('instance', () => this.instance.check()),
      this.#guarded('signingKeys', () => this.signingKeys.check()),
      this.#guarded('revocations', () => this.revocations.check()),
      this.#guarded('redis', () => this.redis.check()),
      this.#guarded('database', () => this.database.check()),
      this.#guarded('audit', () => this.audit.check()),
    ]);
  }

  /** Reports an indicator that throws as degraded and logs the error. The other indicators are still reported. */
  #guarded(
    name: string,
    check: () => HealthIndicatorResult | Promise<HealthIndicatorResult>,
  ): () => Promise<HealthIndicatorResult> {
    return async () => {
      try {
        return await check();
      } catch (error) {
        this.#logger.error(`The health indicator ${name} failed.`, traceOf(error));
        return this.indicators.check(name).degraded({ failed: true });
      }
    };
  }
}
