import { Inject, Injectable } from '@nestjs/common';

import { CONFIGURATION, type Configuration } from '../config/configuration.js';
import { Reloads } from '../config/reloads.js';
import { ByteBudget } from './byte-budget.js';

/** Free bytes of each listener and session: at most 20 MB with the default limits of both. */
const FREE_BYTES = 1024;

/** Limits the bytes that listeners and sessions keep for the names of resources. */
@Injectable()
export class KeptBytes extends ByteBudget {
  constructor(@Inject(CONFIGURATION) { limits }: Configuration, reloads: Reloads) {
    super(limits.keptBytes, FREE_BYTES);
    reloads.on(['MAX_KEPT_BYTES', 'MAX_KEPT_BYTES_PER_CALLER'], (next) =>
      this.setLimits(next.limits.keptBytes),
    );
  }
}

/** Estimates the memory of texts in bytes. */
export function memoryOf(texts: Iterable<string>): number {
  let bytes = 0;
  for (const { length } of texts) bytes += 2 * length;
  return bytes;
}
