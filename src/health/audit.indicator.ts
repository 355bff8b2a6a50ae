import { Inject, Injectable } from '@nestjs/common';
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';

import { OBSERVER, type Observer } from '../observation/observer.js';

/**
 * Reports down until calls could be recorded for the first time, so that a deployment with wrong settings replaces no
 * instance that works. Later, reports degraded while calls are refused because they cannot be recorded: other instances
 * may have the same problem, and lists are still served.
 */
@Injectable()
export class AuditIndicator {
  constructor(
    private readonly indicators: HealthIndicatorService,
    @Inject(OBSERVER) private readonly observer: Observer | undefined,
  ) {}

  check(): HealthIndicatorResult {
    const indicator = this.indicators.check('audit');
    if (this.observer?.hasRecorded === false) return indicator.down({ used: true, hasRecorded: false });
    if (this.observer?.refusesCalls) return indicator.degraded({ used: true, refusesCalls: true });
    return indicator.up({ used: this.observer?.isAuditTrail === true });
  }
}
