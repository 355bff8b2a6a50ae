import type { Selector } from '../auth/revocation/revocation.js';
import type { AuditFields } from './audit-record.js';

/** Returns the fields of the tokens that a revocation covers. */
export const selectorFields = ({ what, id, organization, issuer }: Selector): Partial<AuditFields> => ({
  organization,
  issuer,
  [what]: id,
});
