import type { Revocation } from '../../auth/revocation/revocation.js';
import { selectorName } from '../../auth/revocation/revocation-parameters.js';

/** Describes a revocation for people. */
export function describeRevocation(revocation: Revocation, now = Date.now()): string {
  const { what, revokedAt, barsNewerUntil = 0, until, by } = revocation;
  const name = selectorName(revocation);
  const parts =
    what === 'token'
      ? [`${name} is rejected; the revocation is kept until ${time(until)}.`]
      : [
          `${name} issued up to ${time(revokedAt)} is rejected${revokedAt > now ? MARGIN : ''};`,
          `the revocation is kept until ${time(until)};`,
          barsNewerUntil > now
            ? `tokens issued later are rejected until ${time(barsNewerUntil)}.`
            : 'tokens issued later are accepted.',
        ];
  return [...parts, ...(by === undefined ? [] : [`Revoked by ${JSON.stringify(by)}.`])].join(' ');
}

/** Describes revocations that are in force, one per line. */
export function describeRevocations(revocations: readonly Revocation[], now = Date.now()): string {
  if (revocations.length === 0) return 'Nothing is revoked.';
  return revocations.map((revocation) => `- ${describeRevocation(revocation, now)}`).join('\n');
}

const MARGIN = ' (still to come, because the clock of the issuer may differ; see --clock-margin)';

const time = (milliseconds: number): string => new Date(milliseconds).toISOString();
