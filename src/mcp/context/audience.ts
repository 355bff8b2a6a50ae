import type { Principal } from '../../auth/principal.js';

/**
 * Whom something concerns: an organization, a caller without one by its issuer and subject, or everybody.
 *
 * An organization is the same whichever issuer names it, as it is for the organization's data.
 */
export type Audience =
  { readonly organizationId: string } | { readonly issuer: string; readonly subject: string } | 'everybody';

/** Whom a caller's own resources concern: its organisation, or itself where it has none. */
export const audienceOf = ({ organizationId, issuer, subject }: Principal): Audience =>
  organizationId === undefined ? { issuer, subject } : { organizationId };

/** Whether a caller belongs to it. */
export function isAmong(audience: Audience, { organizationId, issuer, subject }: Principal): boolean {
  if (audience === 'everybody') return true;
  if ('organizationId' in audience) return audience.organizationId === organizationId;
  return audience.issuer === issuer && audience.subject === subject && organizationId === undefined;
}

/** Tells those who listen that something has changed. */
export interface Announcements {
  resourceUpdated(uri: string, audience: Audience): void;
  resourceListChanged(audience: Audience): void;
}
