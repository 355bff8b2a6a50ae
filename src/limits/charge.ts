import { callerKeysOf } from '../auth/caller-keys.js';
import type { Principal } from '../auth/principal.js';
import type { Configuration } from '../config/configuration.js';
import type { Rate } from '../config/units.js';

/** Kind of budget. `tool` is the budget of one caller for one tool. */
export type LimitName = 'caller' | 'organization' | 'tool';

/** Cost of one message of a request. */
export interface Cost {
  readonly points: number;
  /** Tool that the message calls; undefined for other messages. */
  readonly tool?: {
    readonly name: string;
    /** Limit that the tool declares; undefined for the configured limit. */
    readonly rate: Rate | undefined;
  };
}

/** Points that a request takes from one budget. */
export interface Charge {
  readonly limit: LimitName;
  /** Unique key of the budget. */
  readonly key: string;
  readonly rate: Rate;
  readonly points: number;
  /** Name of the tool, if the limit is `tool`. */
  readonly tool?: string;
}

/** Whether a charge is more than its budget ever has, so that no time to wait would help. */
export const isImpossible = ({ points, rate }: Charge): boolean => points > rate.points;

/** Returns the charges of a request: the caller, then the organization. Budgets without a limit are not charged. */
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

/** Returns one charge for each tool that a request calls. Tools without a limit are not charged. */
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
