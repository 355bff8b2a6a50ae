import { NO_OFFERS, type Offers } from './catalog.js';
import type { CompiledTool } from './compiled-tool.js';
import { type Findings, noFindings } from './findings.js';
import { joined } from './offers.js';

/** Declarations that have been compiled and checked, and are not in the catalog yet. */
export interface Examined extends Findings {
  readonly offers: Offers;
  /** Tools of groups that the endpoint does not offer. */
  readonly leftOut: readonly CompiledTool[];
}

export const nothingExamined = (): Examined => ({ ...noFindings(), offers: NO_OFFERS, leftOut: [] });

/** Returns the declarations of both. */
export const bothOf = (one: Examined, other: Examined): Examined => ({
  problems: [...one.problems, ...other.problems],
  warnings: [...one.warnings, ...other.warnings],
  offers: joined(one.offers, other.offers),
  leftOut: [...one.leftOut, ...other.leftOut],
});
