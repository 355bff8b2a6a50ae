import { Injectable, Logger } from '@nestjs/common';

import { Reloads } from '../../config/reloads.js';
import { CatalogService } from './catalog.service.js';
import { costWarnings } from './cost-warnings.js';

/** Warns of offers that nobody can use any more, because limits were lowered while the server runs. */
@Injectable()
export class ReloadedLimits {
  constructor(catalog: CatalogService, reloads: Reloads) {
    const logger = new Logger(ReloadedLimits.name);
    reloads.on(['RATE_LIMIT_CALLER', 'RATE_LIMIT_ORGANIZATION', 'RATE_LIMIT_TOOL'], ({ limits }) => {
      const { tools, resources, templates, prompts } = catalog.current;
      for (const offer of [...tools, ...resources, ...templates, ...prompts])
        for (const warning of costWarnings(offer, limits)) logger.warn(`${offer.name}: ${warning}`);
    });
  }
}
