import { callerKeysOf } from '../auth/caller-keys.js';
import type { Principal } from '../auth/principal.js';
import type { Configuration } from '../config/configuration.js';
import type { Rate } from '../config/units.js';

/** Kind of offer that may have a budget of its own. */
type OfferKind = 'tool' | 'resource' | 'prompt';

/** Kind of budget. That of an offer is the budget of one caller for one tool, resource, template or prompt. */
export type LimitName = 'caller' | 'organization' | OfferKind;

/** Cost of one message of a request. */
export interface Cost {
  readonly points: number;
  /** Tool, resource or prompt that the message uses; undefined for other messages. */
  readonly offer?: {
    readonly kind: OfferKind;
    /** Name of the declaration. All URIs of a template share a budget. */
    readonly name: string;
    /** Limit that the offer declares; undefined for the configured limit of tools. */
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
  /** Name of the tool, resource or prompt whose budget it is. */
  readonly offer?: string;
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

/**
 * Returns one charge for each tool, resource or prompt that a request uses. Those without a limit are not charged.
 *
 * @param toolLimit limit of tools that declare none
 */
export function offerChargesFor(
  principal: Principal,
  costs: readonly Cost[],
  toolLimit: Configuration['limits']['tool'],
): Charge[] {
  const charges: Charge[] = [];
  for (const { points, offer } of costs) {
    const rate = offer?.rate ?? (offer?.kind === 'tool' ? toolLimit : undefined);
    if (!offer || !rate) continue;
    const { kind, name } = offer;
    const key = `${kind}:${name}:${callerKeysOf(principal).caller}`;
    const known = charges.findIndex((charge) => charge.key === key);
    const sum = points + (charges[known]?.points ?? 0);
    charges[known < 0 ? charges.length : known] = { limit: kind, key, rate, points: sum, offer: name };
  }
  return charges;
}
