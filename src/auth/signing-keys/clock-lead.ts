import type { Logger } from '@nestjs/common';

/** Difference between the clocks that is usual, milliseconds. Above it, a warning is logged. */
export const MAX_LEAD_MS = 5_000;

/** Headers of a response that tell its time (RFC 9110 §6.6.1, RFC 9111 §5.1). */
export interface TimeHeaders {
  readonly date: unknown;
  /** Seconds that a cache has kept the response. */
  readonly age: unknown;
}

/**
 * Returns by how many milliseconds the clock of a server is ahead of this one, negative if it is behind. The duration
 * of the request and the fraction of a second that `Date` lacks never count as a difference.
 *
 * @param sentAt when the request was sent
 * @returns undefined if the response tells no time
 */
export function clockLeadOf(
  { date, age }: TimeHeaders,
  sentAt: number,
  receivedAt = Date.now(),
): number | undefined {
  const stated = typeof date === 'string' ? Date.parse(date) : Number.NaN;
  if (Number.isNaN(stated)) return undefined;
  const earliest = stated + (Number(age ?? 0) || 0) * 1_000;
  if (earliest > receivedAt) return earliest - receivedAt;
  return Math.min(0, earliest + 1_000 - sentAt);
}

/** Creates a function that warns when the issuer's clock and this one differ, once until they agree again. */
export function clockWarning(logger: Logger): (lead: number | undefined) => void {
  let isWarned = false;
  return (lead) => {
    if (lead === undefined) return;
    const differs = Math.abs(lead) > MAX_LEAD_MS;
    if (differs && !isWarned) {
      const [seconds, direction] = [Math.round(Math.abs(lead) / 1_000), lead > 0 ? 'ahead of' : 'behind'];
      logger.warn(
        `The issuer's clock is ${seconds} s ${direction} this server's. Revocations and the expiry of tokens compare the two. Synchronize both clocks, for example by NTP.`,
      );
    }
    isWarned = differs;
  };
}
