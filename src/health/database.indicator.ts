import { Injectable } from '@nestjs/common';
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';

import { Database } from '../database/database.js';

/** Reports down until the database is ready, and degraded while it is unreachable later, as not every tool needs it. */
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
