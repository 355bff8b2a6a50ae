import { type Charge, isImpossible, type LimitName } from './charge.js';

/** Result of charging a budget. */
export interface Allowance {
  readonly charge: Charge;
  readonly refused: boolean;
  /** Points left until the reset. */
  readonly remaining: number;
  /** Whole seconds until the budget is full again, at least 1. */
  readonly reset: number;
}

/**
 * @param consumed points spent in this window, the charge included
 * @param untilReset milliseconds until the window ends
 */
export function allowanceOf(charge: Charge, consumed: number, untilReset: number): Allowance {
  const { points } = charge.rate;
  return {
    charge,
    refused: consumed > points,
    remaining: Math.max(0, points - consumed),
    reset: Math.max(1, Math.ceil(untilReset / 1_000)),
  };
}

/** Returns the refusal with the latest reset; without a refusal, the allowance with the fewest points left. */
export function tightestOf(...lists: readonly (readonly Allowance[])[]): Allowance | undefined {
  let tightest: Allowance | undefined;
  for (const allowances of lists) {
    for (const allowance of allowances) {
      if (!tightest || isTighter(allowance, tightest)) tightest = allowance;
    }
  }
  return tightest;
}

function isTighter(one: Allowance, other: Allowance): boolean {
  if (one.refused !== other.refused) return one.refused;
  return one.remaining < other.remaining || (one.remaining === other.remaining && one.reset > other.reset);
}

/** Returns seconds after which a refused request could be allowed; undefined if never, or if it is not refused. */
export const retryAfterOf = ({ charge, refused, reset }: Allowance): number | undefined =>
  refused && !isImpossible(charge) ? reset : undefined;

const UNITS = new Map([
  [1, 'second'],
  [60, 'minute'],
  [3_600, 'hour'],
]);
const SCOPES: Readonly<Record<LimitName, string>> = {
  caller: 'for each caller',
  organization: 'for each organization',
  tool: 'for each caller of the tool',
  resource: 'for each caller of the resource',
  prompt: 'for each caller of the prompt',
};

/** Describes a refusal to the person or model that reads the client's output. */
export function refusalOf({ charge, reset }: Allowance): string {
  const { rate, limit, offer, points } = charge;
  const calls = `${rate.points} call${rate.points === 1 ? '' : 's'}`;
  const per = UNITS.get(rate.window) ?? `${rate.window} seconds`;
  const words = `limit of ${calls} per ${per} ${SCOPES[limit]}${offer === undefined ? '' : ` ${offer}`}`;
  if (isImpossible(charge)) {
    return `This request costs ${points}, more than the ${words}, so waiting does not help. Send fewer messages at once, or ask the operator for a higher limit.`;
  }
  return `The ${words} is reached. Try again in ${reset} s.`;
}
