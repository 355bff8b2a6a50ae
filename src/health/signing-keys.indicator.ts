import { Inject, Injectable } from '@nestjs/common';
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';

import type { IssuerVerifier } from '../auth/issuer-verifier.js';
import { OWN_KEYS, SCALEKIT } from '../auth/verifiers.js';

/**
 * Reports up while signing keys are cached, even if the issuer is unreachable for a while. If only one of two issuers
 * has no keys, reports degraded, so that callers of the other issuer are still served. Omits configured keys, which are
 * always available.
 */
@Injectable()
export class SigningKeysIndicator {
  constructor(
    private readonly indicators: HealthIndicatorService,
    @Inject(SCALEKIT) private readonly scalekit: IssuerVerifier | undefined,
    @Inject(OWN_KEYS) private readonly ownKeys: IssuerVerifier | undefined,
  ) {}

  check(): HealthIndicatorResult {
    return { ...this.#of('signingKeys', this.scalekit), ...this.#of('jwtSigningKeys', this.ownKeys) };
  }

  #of(name: string, verifier: IssuerVerifier | undefined): HealthIndicatorResult {
    if (!verifier?.signingKeys) return {};
    const { loaded, ...details } = verifier.signingKeys;
    const indicator = this.indicators.check(name);
    if (loaded) return indicator.up(details);
    const others = [this.scalekit, this.ownKeys].some(
      (other) => other && (other.signingKeys?.loaded ?? true),
    );
    return others ? indicator.degraded(details) : indicator.down(details);
  }
}
