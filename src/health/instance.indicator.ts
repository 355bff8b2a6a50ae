import { Injectable } from '@nestjs/common';
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';

import { Lifecycle } from '../http/lifecycle.js';
import { CatalogService } from '../mcp/catalog/catalog.service.js';
import { VERSION } from '../version.js';

/** Reports version and catalog, so that instances can be compared. Reports down while the instance stops. */
@Injectable()
export class InstanceIndicator {
  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly lifecycle: Lifecycle,
    private readonly catalog: CatalogService,
  ) {}

  check(): HealthIndicatorResult {
    const { hash, tools, resources, templates, prompts } = this.catalog.current;
    const details = {
      version: VERSION,
      catalog: hash,
      tools: tools.length,
      resources: resources.length + templates.length,
      prompts: prompts.length,
    };
    const indicator = this.indicators.check('instance');
    return this.lifecycle.stopping ? indicator.down({ ...details, stopping: true }) : indicator.up(details);
  }
}
