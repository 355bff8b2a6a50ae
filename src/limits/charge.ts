import { callerKeysOf } from '../auth/caller-keys.js';
import type { Principal } from '../auth/principal.js';
import type { Configuration } from '../config/configuration.js';
import type { Rate } from '../config/units.js';

/** Whose budget it is; `tool`: that of one caller for one tool. */
export type LimitName = 'caller' | 'organization' | 'tool';

/** What one message of a request costs. */
export interface Cost {
  readonly points: number;
  /** The tool that it calls; undefined for everything else. */
  readonly tool?: {
    readonly name: string;
    /** The tool's own limit; undefined: the configured one. */
    readonly rate: Rate | undefined;
  };
}

/** What a request takes from one budget. */
export interface Charge {
  readonly limit: LimitName;
  /** Names the budget among all. */
  readonly key: string;
  readonly rate: Rate;
  readonly points: number;
  /** The tool's name, for the limit `tool`. */
  readonly tool?: string;
}

/**
 * What the messages of one request cost together: one charge for each budget that they touch, narrowest first. A budget without
 * a limit is not touched, so that it costs nothing.
 */
export function chargesFor(
  principal: Principal,
  costs: readonly Cost[],
  limits: Pick<Configuration['limits'], LimitName>,
): Charge[] {
  const { caller, organization } = callerKeysOf(principal);
  const charges: Charge[] = [];
  let points = 0;
  for (const cost of costs) {
    points += cost.points;
    const rate = cost.tool && (cost.tool.rate ?? limits.tool);
    if (!rate) continue;
    const { name } = cost.tool;
    const known = charges.findIndex(({ tool }) => tool === name);
    const sum = cost.points + (charges[known]?.points ?? 0);
    const charge: Charge = { limit: 'tool', key: `tool:${name}:${caller}`, rate, points: sum, tool: name };
    charges[known < 0 ? charges.length : known] = charge;
  }
  if (limits.caller) charges.push({ limit: 'caller', key: caller, rate: limits.caller, points });
  if (limits.organization && organization !== undefined) {
    charges.push({ limit: 'organization', key: organization, rate: limits.organization, points });
  }
  return charges;
}
