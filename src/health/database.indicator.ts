import { Injectable } from '@nestjs/common';
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';

import { Database } from '../database/database.js';

/** Down until the database was found fit; degraded while it is away later, since not every tool needs it. */
@Injectable()
export class DatabaseIndicator {
  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly database: Database,
  ) {}

  async check(): Promise<HealthIndicatorResult> {
    const { used, fit, reachable } = await this.database.status();
    const indicator = this.indicators.check('database');
    if (!fit) return indicator.down({ used });
    return reachable ? indicator.up({ used }) : indicator.degraded({ used });
  }
}
