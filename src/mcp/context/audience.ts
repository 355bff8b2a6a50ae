import type { Principal } from '../../auth/principal.js';

/** Whom something concerns: an organisation, a caller without one by its subject, or everybody. */
export type Audience = { readonly organizationId: string } | { readonly subject: string } | 'everybody';

/** Whom a caller's own resources concern: its organisation, or itself where it has none. */
export const audienceOf = ({ organizationId, subject }: Principal): Audience =>
  organizationId === undefined ? { subject } : { organizationId };

/** Whether a caller belongs to it. */
export function isAmong(audience: Audience, { organizationId, subject }: Principal): boolean {
  if (audience === 'everybody') return true;
  if ('organizationId' in audience) return audience.organizationId === organizationId;
  return audience.subject === subject && organizationId === undefined;
}

/** Tells those who listen that something has changed. */
export interface Announcements {
  resourceUpdated(uri: string, audience: Audience): void;
  resourceListChanged(audience: Audience): void;
}
