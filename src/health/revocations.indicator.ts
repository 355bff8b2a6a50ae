import { Injectable } from '@nestjs/common';
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';

import { RevocationsService } from '../auth/revocation/revocations.service.js';

/** Reports down until the revocation list is loaded, and degraded while it cannot be updated. */
@Injectable()
export class RevocationsIndicator {
  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly revocations: RevocationsService,
  ) {}

  check(): HealthIndicatorResult {
    const { loaded, ...details } = this.revocations.status;
    const indicator = this.indicators.check('revocations');
    if (!loaded) return indicator.down(details);
    return details.current ? indicator.up(details) : indicator.degraded(details);
  }
}
