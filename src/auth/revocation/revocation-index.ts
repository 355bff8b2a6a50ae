import type { Principal } from '../principal.js';
import { ends, FIELDS, isLive, KINDS, restrictionOf, type Revocation } from './revocation.js';

/** Revocations of one id, by restriction. */
type Restricted = Map<string, Revocation>;

/**
 * Index of the active revocations, checked on every request.
 *
 * Lookup time does not depend on the number of revocations. A caller without revocations causes no string allocation.
 */
export class RevocationIndex {
  readonly #byId: Readonly<Record<Revocation['what'], Map<string, Restricted>>> = {
    token: new Map(),
    subject: new Map(),
    client: new Map(),
    organization: new Map(),
  };
  readonly size: number;

  constructor(revocations: readonly Revocation[], now = Date.now()) {
    const live = revocations.filter((revocation) => isLive(revocation, now));
    for (const revocation of live) {
      const byId = this.#byId[revocation.what];
      const restricted: Restricted = byId.get(revocation.id) ?? new Map();
      byId.set(revocation.id, restricted.set(restrictionOf(revocation), revocation));
    }
    this.size = live.length;
  }

  /** Whether the token of this caller has been revoked. */
  covers(principal: Principal, now = Date.now()): boolean {
    if (this.size === 0) return false;
    return KINDS.some((what) => {
      const id = principal[FIELDS[what]];
      const restricted = id === undefined ? undefined : this.#byId[what].get(id);
      if (!restricted) return false;
      return restrictionsOn(principal).some((restriction) => {
        const revocation = restricted.get(restriction);
        return revocation !== undefined && ends(revocation, principal.issuedAt, now);
      });
    });
  }
}

/** Returns every restriction that matches a caller, from none to both. */
function restrictionsOn({ organizationId: organization, issuer }: Principal): string[] {
  return [{}, { issuer }, { organization }, { organization, issuer }].map(restrictionOf);
}
