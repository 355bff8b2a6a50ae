import type { RevocationChange } from '../auth/revocation/revocations.js';
import type { AuditFields } from './audit-record.js';

/** Returns the record of a change of the revocation list, with the tokens that it covers. */
export const revocationFields = ({ kind, selector, by }: RevocationChange): AuditFields => ({
  event: `revocation.${kind}`,
  outcome: 'success',
  actor: by,
  organization: selector.organization,
  issuer: selector.issuer,
  [selector.what]: selector.id,
});
