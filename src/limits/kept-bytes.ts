import { Inject, Injectable } from '@nestjs/common';

import { CONFIGURATION, type Configuration } from '../config/configuration.js';
import { ByteBudget } from './byte-budget.js';

/** Bytes that each listener and each session has for nothing: at most 20 MB with the default numbers of both. */
const FREE_BYTES = 1024;

/** Bytes that listeners and sessions take for the names of resources, for as long as they last. */
@Injectable()
export class KeptBytes extends ByteBudget {
  constructor(@Inject(CONFIGURATION) { limits }: Configuration) {
    super(limits.keptBytes, FREE_BYTES);
  }
}

/** Memory that texts take, bytes. */
export function memoryOf(texts: Iterable<string>): number {
  let bytes = 0;
  for (const { length } of texts) bytes += 2 * length;
  return bytes;
}
