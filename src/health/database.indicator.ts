import { Injectable } from '@nestjs/common';
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';

import { Database } from '../database/database.js';

/**
 * Reports down until the database is ready, and degraded while it cannot be used later, as not every tool needs it. Never
 * waits for the database.
 */
@Injectable()
export class DatabaseIndicator {
  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly database: Database,
  ) {}

  check(): HealthIndicatorResult {
    const { server } = this.database;
    const indicator = this.indicators.check('database');
    if (!server) return indicator.up({ used: false });
    const details = { used: true, ...(server.trouble && { trouble: server.trouble }) };
    if (!server.isFit) return indicator.down(details);
    return server.trouble ? indicator.degraded(details) : indicator.up(details);
  }
}
