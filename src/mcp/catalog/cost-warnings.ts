import type { Configuration } from '../../config/configuration.js';
import type { Offer } from './offer.js';

/** Warns of an offer that nobody can use, because one use costs more than a limit ever has. */
export function costWarnings(
  { kind, cost, rate }: Pick<Offer, 'kind' | 'cost' | 'rate'>,
  { caller, organization, tool }: Pick<Configuration['limits'], 'caller' | 'organization' | 'tool'>,
): string[] {
  const limits = {
    RATE_LIMIT_CALLER: caller,
    RATE_LIMIT_ORGANIZATION: organization,
    RATE_LIMIT_TOOL: rate || kind !== 'tool' ? undefined : tool, // its own rate allows it, or startup fails
  };
  return Object.entries(limits)
    .filter(([, limit]) => limit && cost > limit.points)
    .map(
      ([name]) =>
        `its cost of ${cost} is more than ${name} allows, so each call is refused. Change one of them.`,
    );
}
