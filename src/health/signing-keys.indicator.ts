import { Injectable } from '@nestjs/common';
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';

import { ScalekitService } from '../auth/scalekit/scalekit.service.js';

/** Up while there are signing keys to verify tokens with, also when the issuer is away for a while. */
@Injectable()
export class SigningKeysIndicator {
  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly scalekit: ScalekitService,
  ) {}

  check(): HealthIndicatorResult {
    const { loaded, ...details } = this.scalekit.signingKeys;
    const indicator = this.indicators.check('signingKeys');
    return loaded ? indicator.up(details) : indicator.down(details);
  }
}
