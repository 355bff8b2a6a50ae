import type { Principal } from '../principal.js';
import { ends, FIELDS, isLive, KINDS, restrictionOf, type Revocation } from './revocation.js';

/** The revocations of one id, by their restriction. */
type Restricted = Map<string, Revocation>;

/**
 * The revocations in force, by whom they concern: what every request is held against.
 *
 * A look-up takes the same time however many revocations there are, and makes no text for a caller of whom none is
 * known.
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

  /** Whether the token behind this caller has been revoked. */
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

/** All restrictions that a caller meets, from none to both. */
function restrictionsOn({ organizationId: organization, issuer }: Principal): string[] {
  return [{}, { issuer }, { organization }, { organization, issuer }].map(restrictionOf);
}
