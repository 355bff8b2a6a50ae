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
 * Charges for the points that a request costs: the caller, then its organization. A budget without a limit is not
 * charged.
 */
export function chargesFor(
  principal: Principal,
  points: number,
  limits: Pick<Configuration['limits'], 'caller' | 'organization'>,
): Charge[] {
  const { caller, organization } = callerKeysOf(principal);
  const charges: Charge[] = [];
  if (limits.caller) charges.push({ limit: 'caller', key: caller, rate: limits.caller, points });
  if (limits.organization && organization !== undefined) {
    charges.push({ limit: 'organization', key: organization, rate: limits.organization, points });
  }
  return charges;
}

/** Charges for the tools that the messages of a request call, one for each. A tool without a limit is not charged. */
export function toolChargesFor(
  principal: Principal,
  costs: readonly Cost[],
  limit: Configuration['limits']['tool'],
): Charge[] {
  const charges: Charge[] = [];
  for (const { points, tool } of costs) {
    const rate = tool && (tool.rate ?? limit);
    if (!rate) continue;
    const { name } = tool;
    const known = charges.findIndex((charge) => charge.tool === name);
    const sum = points + (charges[known]?.points ?? 0);
    const key = `tool:${name}:${callerKeysOf(principal).caller}`;
    charges[known < 0 ? charges.length : known] = { limit: 'tool', key, rate, points: sum, tool: name };
  }
  return charges;
}
