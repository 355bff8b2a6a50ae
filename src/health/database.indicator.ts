import { Injectable } from '@nestjs/common';
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';

import { Database } from '../database/database.js';
import { whyUnavailable } from '../database/server-state.js';

/**
 * Reports down until the database was ready for the first time. Later, reports degraded while the database cannot be used:
 * other instances usually have the same problem, and not every tool needs the database. An instance whose key is outdated
 * is alone with its problem, but nobody can tell here; its metric and its log do. Never waits for the database.
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
    const trouble = whyUnavailable(server);
    const details = { used: true, ...(trouble && { trouble }) };
    if (!server.wasFit) return indicator.down(details);
    return trouble ? indicator.degraded(details) : indicator.up(details);
  }
}
