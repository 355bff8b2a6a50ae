import { Injectable } from '@nestjs/common';
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';

import { RevocationsService } from '../auth/revocation/revocations.service.js';

/** Up once it is known which tokens are revoked, also when Redis is away for a while after that. */
@Injectable()
export class RevocationsIndicator {
  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly revocations: RevocationsService,
  ) {}

  check(): HealthIndicatorResult {
    const { loaded, ...details } = this.revocations.status;
    const indicator = this.indicators.check('revocations');
    return loaded ? indicator.up(details) : indicator.down(details);
  }
}
