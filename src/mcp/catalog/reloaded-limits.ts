import { Injectable, Logger } from '@nestjs/common';

import { Reloads } from '../../config/reloads.js';
import { CatalogService } from './catalog.service.js';
import { costWarnings } from './cost-warnings.js';

/** Warns of tools that nobody can call any more, because limits were lowered while the server runs. */
@Injectable()
export class ReloadedLimits {
  constructor(catalog: CatalogService, reloads: Reloads) {
    const logger = new Logger(ReloadedLimits.name);
    reloads.on(['RATE_LIMIT_CALLER', 'RATE_LIMIT_ORGANIZATION', 'RATE_LIMIT_TOOL'], ({ limits }) => {
      for (const tool of catalog.current.tools)
        for (const warning of costWarnings(tool, limits)) logger.warn(`${tool.name}: ${warning}`);
    });
  }
}
