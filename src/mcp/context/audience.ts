import type { Principal } from '../../auth/principal.js';

/**
 * Recipients of an event: an organization, a caller without an organization (by issuer and subject), or everybody.
 *
 * An organization id means the same organization for all issuers, as it does for the organization's data.
 */
export type Audience =
  { readonly organizationId: string } | { readonly issuer: string; readonly subject: string } | 'everybody';

/** Returns the audience of a caller's own resources: its organization, or the caller itself if it has none. */
export const audienceOf = ({ organizationId, issuer, subject }: Principal): Audience =>
  organizationId === undefined ? { issuer, subject } : { organizationId };

/** Whether a caller belongs to an audience. */
export function isAmong(audience: Audience, { organizationId, issuer, subject }: Principal): boolean {
  if (audience === 'everybody') return true;
  if ('organizationId' in audience) return audience.organizationId === organizationId;
  return audience.issuer === issuer && audience.subject === subject && organizationId === undefined;
}

/** Returns a text that only equal audiences share. */
export function audienceKey(audience: Audience): string {
  if (audience === 'everybody') return audience;
  return JSON.stringify(
    'organizationId' in audience ? [audience.organizationId] : [audience.issuer, audience.subject],
  );
}

/** Notifies listeners of changes. */
export interface Announcements {
  resourceUpdated(uri: string, audience: Audience): void;
  resourceListChanged(audience: Audience): void;
}
